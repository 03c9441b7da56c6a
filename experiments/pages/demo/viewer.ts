import type { ShownBranch, ShownNetwork, ShownPlane } from './protocol.js';

/** Colours of Okabe and Ito, as in the pictures that `lacuna network` writes. */
const colours = { branch: '#56b4e9', weak: '#e69f00', end: '#d55e00', junction: '#ffffff' } as const;
/** How near, in px of the screen, a pointer must be to a branch. */
const REACH = 8;
/** A branch is drawn where it lies at most so many planes away. */
const DEPTH = 1;

/** The comparison: bicubic left of a line, enlarged right of it, the network over both. */
export class Viewer {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private plane: ShownPlane | null = null;
  private pictures: { readonly sr: HTMLCanvasElement; readonly bicubic: HTMLCanvasElement } | null = null;
  private network: ShownNetwork | null = null;
  private showsNetwork = true;
  /** Share of the width at which the line stands. */
  private split = 0.5;
  /** Screen px for one SR pixel, and where the plane's corner lies. */
  private scale = 1;
  private left = 0;
  private top = 0;
  /** The whole plane is shown: it stays so when the window changes. */
  private isWhole = true;

  /** @param onHover is told of the branch below the pointer; of none, null. */
  constructor(canvas: HTMLCanvasElement, onHover: (branch: ShownBranch | null) => void) {
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

  /** Shows a plane; the first of an image as a whole. */
  show(plane: ShownPlane): void {
    const isFirst = this.plane === null;
    this.plane = plane;
    const { width, height } = plane;
    this.pictures = { sr: picture(plane.sr, width, height), bicubic: picture(plane.bicubic, width, height) };
    if (isFirst) this.fit();
    else this.draw();
  }

  clear(): void {
    this.plane = null;
    this.pictures = null;
    this.network = null;
  }

  setNetwork(network: ShownNetwork | null): void {
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

  /** The whole plane, as large as it fits. */
  fit(): void {
    if (this.plane === null) return;
    const { width, height, reduced } = this.plane;
    const { clientWidth, clientHeight } = this.canvas;
    this.scale = Math.min(clientWidth / (width * reduced), clientHeight / (height * reduced));
    this.left = (clientWidth - width * reduced * this.scale) / 2;
    this.top = (clientHeight - height * reduced * this.scale) / 2;
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
    if (this.isWhole && this.plane !== null) this.fit();
    else this.draw();
  }

  private draw(): void {
    const { context, canvas, plane, pictures } = this;
    const ratio = window.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    if (plane === null || pictures === null) return;
    const line = this.split * canvas.clientWidth;
    this.drawPicture(pictures.bicubic, 0, line);
    this.drawPicture(pictures.sr, line, canvas.clientWidth);
    if (this.showsNetwork && this.network !== null) this.drawNetwork(this.network, plane.z);
    context.fillStyle = '#ffffff';
    context.fillRect(line - 1, 0, 2, canvas.clientHeight);
  }

  private drawPicture(source: HTMLCanvasElement, from: number, to: number): void {
    const { context, plane, scale } = this;
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, this.canvas.clientHeight);
    context.clip();
    context.imageSmoothingEnabled = scale * plane!.reduced < 1;
    context.imageSmoothingQuality = 'high';
    const width = source.width * plane!.reduced * scale;
    const height = source.height * plane!.reduced * scale;
    context.drawImage(source, this.left, this.top, width, height);
    context.restore();
  }

  private drawNetwork({ branches, ends, junctions }: ShownNetwork, z: number): void {
    const { context, scale } = this;
    context.lineWidth = Math.max(1, Math.min(3, scale));
    context.lineJoin = 'round';
    for (const isWeak of [false, true]) {
      context.strokeStyle = isWeak ? colours.weak : colours.branch;
      context.beginPath();
      for (const branch of branches) if (branch.isWeak === isWeak) this.trace(branch.pixels, z);
      context.stroke();
    }
    this.drawSquares(junctions, z, colours.junction);
    this.drawSquares(ends, z, colours.end);
  }

  private trace(pixels: Int32Array, z: number): void {
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

  private drawSquares(places: Float32Array, z: number, colour: string): void {
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
  private branchAt(x: number, y: number): ShownBranch | null {
    const { network, plane, scale } = this;
    if (network === null || plane === null || !this.showsNetwork) return null;
    const at = { x: (x - this.left) / scale - 0.5, y: (y - this.top) / scale - 0.5 };
    let nearest: ShownBranch | null = null;
    let least = (REACH / scale) ** 2;
    for (const branch of network.branches) {
      const { pixels } = branch;
      for (let i = 0; i < pixels.length; i += 3) {
        if (Math.abs(pixels[i + 2] - plane.z) > DEPTH) continue;
        const distance = (pixels[i] - at.x) ** 2 + (pixels[i + 1] - at.y) ** 2;
        if (distance >= least) continue;
        least = distance;
        nearest = branch;
      }
    }
    return nearest;
  }
}

/** Grey levels as something to be drawn. */
function picture(levels: Uint8ClampedArray, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  // Opaque grey, the lowest byte first.
  for (let i = 0; i < levels.length; i++) pixels[i] = 0xff00_0000 | (levels[i] * 0x0001_0101);
  context.putImageData(image, 0, 0);
  return canvas;
}
