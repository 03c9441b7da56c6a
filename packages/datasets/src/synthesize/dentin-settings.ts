/** What the growth of a dentin section depends on; lengths in µm. */
export interface DentinGrowth {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** Everything lies in the plane z = depth / 2, and what crosses there is joined. */
  readonly planar: boolean;
  /** Distance between vertices of a centreline, and the smallest gap between tubes that do not touch. */
  readonly step: number;
  readonly gap: number;
  readonly density: number;
  readonly diameter: { readonly mean: number; readonly deviation: number; readonly low: number; readonly high: number };
  /** Share of the tubules' length that mineral fills. */
  readonly occluded: number;
  readonly directionDegrees: number;
  /** Angle between the tubules and the planes of a volume, degrees. */
  readonly dipDegrees: number;
  readonly branches: readonly BranchClass[];
}

/** A kind of lateral branch. */
export interface BranchClass {
  readonly kind: 'thick' | 'fine' | 'fork';
  /** Branches that start, for each µm of tubule. */
  readonly perMicrometre: number;
  readonly diameter: readonly [low: number, high: number];
  /** Angle to the tubule, degrees. */
  readonly angle: readonly [low: number, high: number];
  /** Length at which it ends blind, unless it meets another tube before. */
  readonly length: readonly [low: number, high: number];
}
