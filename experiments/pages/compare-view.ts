/** Two pictures of one place, stretched to the same size. */
export interface ComparedPictures {
  readonly left: HTMLCanvasElement;
  readonly right: HTMLCanvasElement;
  /** Fine pixels: what all places are counted in. */
  readonly width: number;
  readonly height: number;
  /** The plane that they show. */
  readonly z: number;
}

/** A branch, and what is said where it is pointed at. */
export interface DrawnBranch {
  readonly colour: string;
  /** Lengths of dashes and gaps, px of the screen; none for a solid line. */
  readonly dash: readonly number[];
  /** x, y, z of its pixels in turn. */
  readonly pixels: ArrayLike<number>;
  readonly text: string;
  /** Of a wide line below it, that tells it from others of its colour. */
  readonly edge?: string;
}

/** A network over the pictures. */
export interface DrawnNetwork {
  readonly branches: readonly DrawnBranch[];
  /** A paler line below each branch, where colours alone are hard to see. */
  readonly casing?: string;
  /** x, y, z of ends and junctions. */
  readonly points: readonly { readonly colour: string; readonly places: ArrayLike<number> }[];
}

/** How near, in px of the screen, a pointer must be to a branch. */
const REACH = 8;
/** A branch is drawn where it lies at most so many planes away. */
const DEPTH = 1;

/** A comparison: one picture left of a line, another right of it, a network over both; zoomed and moved together. */
export class CompareView {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private pictures: ComparedPictures | null = null;
  private network: DrawnNetwork | null = null;
  private showsNetwork = true;
  /** Share of the width at which the line stands. */
  private split = 0.5;
  /** Screen px for one fine pixel, and where the pictures' corner lies. */
  private scale = 1;
  private left = 0;
  private top = 0;
  /** All is shown: it stays so when the window changes. */
  private isWhole = true;

  /** @param onHover is told of the branch below the pointer; of none, null. */
  constructor(canvas: HTMLCanvasElement, onHover: (branch: DrawnBranch | null) => void) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d')!;
    new ResizeObserver(() => this.resize()).observe(canvas);
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    });
    canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener('pointermove', (event) => {
      if (event.buttons & 1) this.move(event.movementX, event.movementY);
      else onHover(this.branchAt(event.offsetX, event.offsetY));
    });
    canvas.addEventListener('pointerleave', () => onHover(null));
    canvas.addEventListener('keydown', (event) => this.key(event));
  }

  /** Shows two pictures; the first of an image as a whole. */
  show(pictures: ComparedPictures): void {
    const isFirst = this.pictures === null;
    this.pictures = pictures;
    if (isFirst) this.fit();
    else this.draw();
  }

  clear(): void {
    this.pictures = null;
    this.network = null;
  }

  setNetwork(network: DrawnNetwork | null): void {
    this.network = network;
    this.draw();
  }

  setOverlay(isShown: boolean): void {
    this.showsNetwork = isShown;
    this.draw();
  }

  setSplit(share: number): void {
    this.split = share;
    this.draw();
  }

  /** All of the pictures, as large as they fit. */
  fit(): void {
    if (this.pictures === null) return;
    const { width, height } = this.pictures;
    const { clientWidth, clientHeight } = this.canvas;
    this.scale = Math.min(clientWidth / width, clientHeight / height);
    this.left = (clientWidth - width * this.scale) / 2;
    this.top = (clientHeight - height * this.scale) / 2;
    this.isWhole = true;
    this.draw();
  }

  /** Zooms about a place on the screen; its middle by default. */
  zoom(times: number, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2): void {
    const scale = Math.min(64, Math.max(0.02, this.scale * times));
    this.left = x - ((x - this.left) * scale) / this.scale;
    this.top = y - ((y - this.top) * scale) / this.scale;
    this.scale = scale;
    this.isWhole = false;
    this.draw();
  }

  private move(x: number, y: number): void {
    this.left += x;
    this.top += y;
    this.isWhole = false;
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.move(40, 0),
      ArrowRight: () => this.move(-40, 0),
      ArrowUp: () => this.move(0, 40),
      ArrowDown: () => this.move(0, -40),
      '+': () => this.zoom(1.25),
      '-': () => this.zoom(0.8),
      ',': () => this.setSplit(Math.max(0, this.split - 0.05)),
      '.': () => this.setSplit(Math.min(1, this.split + 0.05)),
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    step();
  }

  private resize(): void {
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(this.canvas.clientWidth * ratio);
    this.canvas.height = Math.round(this.canvas.clientHeight * ratio);
    if (this.isWhole && this.pictures !== null) this.fit();
    else this.draw();
  }

  private draw(): void {
    const { context, canvas, pictures } = this;
    const ratio = window.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    if (pictures === null) return;
    const line = this.split * canvas.clientWidth;
    this.drawPicture(pictures.left, pictures, [0, line]);
    this.drawPicture(pictures.right, pictures, [line, canvas.clientWidth]);
    if (this.showsNetwork && this.network !== null) this.drawNetwork(this.network, pictures.z);
    context.fillStyle = '#ffffff';
    context.fillRect(line - 1, 0, 2, canvas.clientHeight);
  }

  private drawPicture(
    source: HTMLCanvasElement,
    { width, height }: ComparedPictures,
    [from, to]: readonly [number, number],
  ): void {
    const { context, scale } = this;
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, this.canvas.clientHeight);
    context.clip();
    context.imageSmoothingEnabled = (scale * width) / source.width < 1;
    context.imageSmoothingQuality = 'high';
    context.drawImage(source, this.left, this.top, width * scale, height * scale);
    context.restore();
  }

  private drawNetwork({ branches, points, casing }: DrawnNetwork, z: number): void {
    const { context, scale } = this;
    const wide = Math.max(1.5, Math.min(3, scale));
    context.lineJoin = 'round';
    context.lineWidth = wide + 6;
    for (const { edge, pixels } of branches) {
      if (edge === undefined) continue;
      context.strokeStyle = edge;
      context.beginPath();
      this.trace(pixels, z);
      context.stroke();
    }
    if (casing !== undefined) {
      context.strokeStyle = casing;
      context.lineWidth = wide + 2;
      context.beginPath();
      for (const { pixels } of branches) this.trace(pixels, z);
      context.stroke();
    }
    context.lineWidth = wide;
    for (const { colour, dash, pixels } of branches) {
      context.strokeStyle = colour;
      context.setLineDash([...dash]);
      context.beginPath();
      this.trace(pixels, z);
      context.stroke();
    }
    context.setLineDash([]);
    for (const { colour, places } of points) this.drawSquares(places, z, colour);
  }

  private trace(pixels: ArrayLike<number>, z: number): void {
    let isDown = false;
    for (let i = 0; i < pixels.length; i += 3) {
      const isNear = Math.abs(pixels[i + 2] - z) <= DEPTH;
      const x = this.left + (pixels[i] + 0.5) * this.scale;
      const y = this.top + (pixels[i + 1] + 0.5) * this.scale;
      if (isNear && isDown) this.context.lineTo(x, y);
      else if (isNear) this.context.moveTo(x, y);
      isDown = isNear;
    }
  }

  private drawSquares(places: ArrayLike<number>, z: number, colour: string): void {
    const side = Math.max(2, Math.min(6, 2 * this.scale));
    this.context.fillStyle = colour;
    for (let i = 0; i < places.length; i += 3) {
      if (Math.abs(places[i + 2] - z) > DEPTH + 1) continue;
      const x = this.left + places[i] * this.scale;
      const y = this.top + places[i + 1] * this.scale;
      this.context.fillRect(x - side / 2, y - side / 2, side, side);
    }
  }

  /** The branch nearest to a place on the screen; null where none is near. */
  private branchAt(x: number, y: number): DrawnBranch | null {
    const { network, pictures, scale } = this;
    if (network === null || pictures === null || !this.showsNetwork) return null;
    const at = { x: (x - this.left) / scale - 0.5, y: (y - this.top) / scale - 0.5 };
    let nearest: DrawnBranch | null = null;
    let least = (REACH / scale) ** 2;
    for (const branch of network.branches) {
      const { pixels } = branch;
      for (let i = 0; i < pixels.length; i += 3) {
        if (Math.abs(pixels[i + 2] - pictures.z) > DEPTH) continue;
        const distance = (pixels[i] - at.x) ** 2 + (pixels[i + 1] - at.y) ** 2;
        if (distance >= least) continue;
        least = distance;
        nearest = branch;
      }
    }
    return nearest;
  }
}
