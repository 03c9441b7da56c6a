import type { BranchNumbers, ComparedNumbers } from '../../src/report/branch-numbers.js';
import type { ExploredData } from '../../src/report/explore.js';
import type { Turn } from './turn.js';

/** A branch of a volume: its points, x, y, z in turn, and its numbers. */
export interface VolumeBranch {
  readonly points: Int16Array;
  readonly numbers: BranchNumbers | ComparedNumbers;
}

/** What may be stressed: all else is drawn faintly. */
export type Stress = 'all' | 'doubtful' | ComparedNumbers['kind'];

/** How branches look. */
export type BranchLooks = Pick<ExploredData, 'marks' | 'dashes' | 'doubt'>;

/** How near, in px of the screen, a pointer must be to a branch. */
const REACH = 8;
/** Opacity of what is not stressed. */
const FAINT = 0.12;
/** Steps of opacity from far to near: branches of one step are drawn together, which is many times as fast. */
const SHADES = 8;
/** In the order in which they are drawn, and keys go through them. */
const kinds = ['invented', 'missed', 'found'] as const;
const EDGES = '#d9d9d9';
const CHOSEN = '#1a1a1a';

/** A branch as it is on the screen: u, v of its points in turn, and how far away it lies in the mean. */
interface SeenBranch {
  readonly branch: VolumeBranch;
  readonly places: Float32Array;
  readonly away: number;
}

/** The network of a volume in perspective, on a canvas of its own. */
export class NetworkView {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly turn: Turn;
  private readonly looks: BranchLooks;
  /** Branches in the order in which keys go through them. */
  private readonly branches: readonly VolumeBranch[];
  private seen: SeenBranch[] = [];
  private chosen: VolumeBranch | null = null;
  private stress: Stress = 'all';

  constructor(
    canvas: HTMLCanvasElement,
    branches: readonly VolumeBranch[],
    { turn, looks }: { readonly turn: Turn; readonly looks: BranchLooks },
  ) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d')!;
    this.turn = turn;
    this.looks = looks;
    this.branches = [...branches].sort((a, b) => rankOf(a) - rankOf(b));
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.resize();
  }

  setStress(stress: Stress): void {
    this.stress = stress;
    this.draw();
  }

  /** Draws a branch so that it stands out; null for none. */
  choose(branch: VolumeBranch | null): void {
    if (branch === this.chosen) return;
    this.chosen = branch;
    this.draw();
  }

  /** The branch that comes so many places after the chosen one, of those that are stressed. */
  after(step: 1 | -1): VolumeBranch | null {
    const stressed = this.branches.filter((branch) => this.isStressed(branch));
    if (stressed.length === 0) return null;
    const at = this.chosen === null ? -1 : stressed.indexOf(this.chosen);
    const next = at < 0 && step < 0 ? stressed.length - 1 : at + step;
    return stressed[(next + stressed.length) % stressed.length];
  }

  /** The branch nearest to a place on the canvas; null where none is near. */
  branchAt(x: number, y: number): VolumeBranch | null {
    const side = this.canvas.clientWidth;
    let nearest: VolumeBranch | null = null;
    let least = (REACH / side) ** 2;
    for (const { branch, places } of this.seen) {
      if (!this.isStressed(branch)) continue;
      for (let i = 0; i < places.length; i += 2) {
        const distance = (places[i] - x / side) ** 2 + (places[i + 1] - y / side) ** 2;
        if (distance >= least) continue;
        least = distance;
        nearest = branch;
      }
    }
    return nearest;
  }

  draw(): void {
    const { context, canvas } = this;
    const ratio = canvas.width / canvas.clientWidth;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientWidth);
    context.lineJoin = 'round';
    this.drawEdges();
    this.seen = this.projected();
    const layers = this.layers();
    const { marks, dashes, doubt } = this.looks;
    // Edges of all lie below the lines of all: the doubt of one branch hides no other.
    for (const { opacity, doubtful } of layers) this.stroke(doubtful, { opacity, colour: doubt, width: 5, dash: [] });
    for (const { opacity, byKind } of layers)
      for (const kind of kinds)
        this.stroke(byKind[kind], { opacity, colour: marks[kind], width: 1.8, dash: dashes[kind] });
    const chosen = this.seen.find(({ branch }) => branch === this.chosen);
    if (chosen !== undefined) this.drawChosen(chosen);
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  /** Branches that are drawn together, far ones first: of one opacity, and of one kind. */
  private layers(): Layer[] {
    const faint = newLayer(FAINT);
    const byDistance = Array.from({ length: SHADES }, (_, i) => newLayer(1 - (0.7 * (SHADES - 1 - i)) / (SHADES - 1)));
    for (const each of this.seen) {
      const shade = Math.floor((SHADES * (1 - each.away)) / 2);
      const layer = this.isStressed(each.branch) ? byDistance[Math.min(SHADES - 1, Math.max(0, shade))] : faint;
      layer.byKind[kindOf(each.branch)].push(each);
      if (isDoubtful(each.branch)) layer.doubtful.push(each);
    }
    return [faint, ...byDistance];
  }

  private resize(): void {
    const side = Math.round(this.canvas.clientWidth * window.devicePixelRatio);
    this.canvas.width = side;
    this.canvas.height = side;
    this.draw();
  }

  private isStressed({ numbers }: VolumeBranch): boolean {
    if (this.stress === 'all' || !('kind' in numbers)) return true;
    return this.stress === 'doubtful' ? numbers.isDoubtful === true : numbers.kind === this.stress;
  }

  /** Branches as they are seen now. */
  private projected(): SeenBranch[] {
    const project = this.turn.projection();
    return this.branches.map((branch): SeenBranch => {
      const { points } = branch;
      const places = new Float32Array((2 * points.length) / 3);
      let away = 0;
      for (let i = 0; i < points.length; i += 3) {
        const at = project(points[i], points[i + 1], points[i + 2]);
        places[(2 * i) / 3] = at.u;
        places[(2 * i) / 3 + 1] = at.v;
        away += (3 * at.away) / points.length;
      }
      return { branch, places, away };
    });
  }

  private drawEdges(): void {
    const { context, canvas } = this;
    const side = canvas.clientWidth;
    const project = this.turn.projection();
    context.setLineDash([]);
    context.strokeStyle = EDGES;
    context.lineWidth = 1;
    context.globalAlpha = 1;
    context.beginPath();
    for (const [from, to] of this.turn.edges()) {
      const [start, end] = [project(...from), project(...to)];
      context.moveTo(start.u * side, start.v * side);
      context.lineTo(end.u * side, end.v * side);
    }
    context.stroke();
  }

  /** The chosen branch in front of all others, with a dark edge. */
  private drawChosen(chosen: SeenBranch): void {
    const { marks, dashes } = this.looks;
    const kind = kindOf(chosen.branch);
    this.stroke([chosen], { opacity: 1, colour: CHOSEN, width: 7, dash: [] });
    this.stroke([chosen], { opacity: 1, colour: '#ffffff', width: 4.5, dash: [] });
    this.stroke([chosen], { opacity: 1, colour: marks[kind], width: 3, dash: dashes[kind] });
  }

  private stroke(branches: readonly SeenBranch[], { opacity, colour, width, dash }: Line): void {
    const { context } = this;
    const side = this.canvas.clientWidth;
    context.globalAlpha = opacity;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash([...dash]);
    context.beginPath();
    for (const { places } of branches) {
      context.moveTo(places[0] * side, places[1] * side);
      for (let i = 2; i < places.length; i += 2) context.lineTo(places[i] * side, places[i + 1] * side);
      // A voxel by itself is a dot.
      if (places.length === 2) context.lineTo(places[0] * side + 1.5, places[1] * side);
    }
    context.stroke();
  }
}

/** How a line looks; dashes and width in px of the screen. */
interface Line {
  readonly opacity: number;
  readonly colour: string;
  readonly width: number;
  readonly dash: readonly number[];
}

/** Branches of one opacity. */
interface Layer {
  readonly opacity: number;
  readonly byKind: Readonly<Record<ComparedNumbers['kind'], SeenBranch[]>>;
  readonly doubtful: SeenBranch[];
}

const newLayer = (opacity: number): Layer => ({
  opacity,
  byKind: { found: [], missed: [], invented: [] },
  doubtful: [],
});

/** Doubtful branches first, then invented, missed and found. */
const rankOf = (branch: VolumeBranch): number => (isDoubtful(branch) ? -1 : kinds.indexOf(kindOf(branch)));

/** The reference's branches look as found ones. */
const kindOf = ({ numbers }: VolumeBranch): ComparedNumbers['kind'] => ('kind' in numbers ? numbers.kind : 'found');

const isDoubtful = ({ numbers }: VolumeBranch): boolean => 'kind' in numbers && numbers.isDoubtful === true;
