import type { PackedVolumes } from '../../src/report/pack-volumes.js';

/** A point of a picture of side 1, v downwards, and how far away it lies: -1 nearest, 1 farthest. */
interface Projected {
  readonly u: number;
  readonly v: number;
  readonly away: number;
}

/** How all volumes of a region are seen: turned, leaned and zoomed together. */
export class Turn {
  private around: number;
  private lean: number;
  private readonly eye: number;
  private zoom = 1;
  private readonly grid: PackedVolumes['grid'];
  private readonly half: Readonly<Record<'x' | 'y' | 'z', number>>;
  private readonly radius: number;

  constructor({ grid, view }: Pick<PackedVolumes, 'grid' | 'view'>) {
    this.around = view.around;
    this.lean = view.lean;
    this.eye = view.eye;
    this.grid = grid;
    const { width, height, depth, voxel } = grid;
    this.half = { x: (width * voxel.x) / 2, y: (height * voxel.y) / 2, z: (depth * voxel.z) / 2 };
    this.radius = Math.hypot(this.half.x, this.half.y, this.half.z);
  }

  by(around: number, lean: number): void {
    this.around += around;
    this.lean = Math.min(Math.PI, Math.max(0, this.lean + lean));
  }

  zoomBy(times: number): void {
    this.zoom = Math.min(20, Math.max(0.5, this.zoom * times));
  }

  /** How voxels are seen now; as `perspective` of the figures, with a zoom. */
  projection(): (x: number, y: number, z: number) => Projected {
    const { half, radius, eye } = this;
    const { voxel } = this.grid;
    const [cosTurn, sinTurn] = [Math.cos(this.around), Math.sin(this.around)];
    const [cosLean, sinLean] = [Math.cos(this.lean), Math.sin(this.lean)];
    const fit = 0.48 * this.zoom;
    return (x, y, z) => {
      const a = ((x + 0.5) * voxel.x - half.x) / radius;
      const b = ((y + 0.5) * voxel.y - half.y) / radius;
      const c = ((z + 0.5) * voxel.z - half.z) / radius;
      const across = cosTurn * a - sinTurn * b;
      const back = sinTurn * a + cosTurn * b;
      const down = cosLean * back + sinLean * c;
      const away = sinLean * back - cosLean * c;
      const nearness = eye / (eye + away);
      return { u: 0.5 + fit * across * nearness, v: 0.5 + fit * down * nearness, away };
    };
  }

  /** The twelve edges of the volume, voxels. */
  edges(): readonly (readonly [Corner, Corner])[] {
    const { width, height, depth } = this.grid;
    const corner = (i: number): Corner => [
      i & 1 ? width - 0.5 : -0.5,
      i & 2 ? height - 0.5 : -0.5,
      i & 4 ? depth - 0.5 : -0.5,
    ];
    const starts = [0, 1, 2, 3, 4, 5, 6, 7];
    return starts.flatMap((i) =>
      [1, 2, 4].filter((bit) => (i & bit) === 0).map((bit) => [corner(i), corner(i | bit)] as const),
    );
  }
}

type Corner = readonly [x: number, y: number, z: number];
