import { perspective, type Projected, type View } from '../../src/figures/volumes/perspective.js';
import type { PackedVolumes } from '../../src/report/pack-volumes.js';

/** How all volumes of a region are seen: turned, leaned and zoomed together. */
export class Turn {
  private readonly grid: PackedVolumes['grid'];
  private view: View;

  constructor({ grid, view }: Pick<PackedVolumes, 'grid' | 'view'>) {
    this.grid = grid;
    this.view = view;
  }

  by(around: number, lean: number): void {
    const leaned = Math.min(Math.PI, Math.max(0, this.view.lean + lean));
    this.view = { ...this.view, around: this.view.around + around, lean: leaned };
  }

  zoomBy(times: number): void {
    this.view = { ...this.view, zoom: Math.min(20, Math.max(0.5, this.view.zoom * times)) };
  }

  /** How voxels are seen now. */
  projection(): (x: number, y: number, z: number) => Projected {
    return perspective(this.grid, this.view);
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
