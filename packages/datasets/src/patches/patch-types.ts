import type { Factor } from '../degrade/factor.js';
import type { Augment, Exchange } from './symmetry.js';

/** A map that patches are cut from, on the LR or the HR grid, [z][y][x] with channels interleaved. */
export interface PatchField {
  readonly name: string;
  readonly data: Float32Array;
  readonly grid: 'lr' | 'hr';
  readonly channels: number;
  /**
   * Directions turn with the image. `double-angle`: cos and sin of twice an angle in the plane; `direction-tensor`: xx,
   * yy, zz, xy, xz, yz of d dᵀ. Of `planes` the channels are a plane of a volume and its neighbours on either side, in
   * their order: what is mirrored across the planes has them the other way round.
   */
  readonly kind: 'scalar' | 'double-angle' | 'direction-tensor' | 'planes';
}

/** One region of which all fields show the same place. */
export interface PatchRegion {
  readonly lrWidth: number;
  readonly lrHeight: number;
  /** Planes; 1 by default. */
  readonly lrDepth?: number;
  readonly fields: readonly PatchField[];
}

/** Regions that are sampled together; an unpaired regime has two groups, each drawn at places of its own. */
export interface PatchGroup {
  readonly name: string;
  readonly regions: readonly PatchRegion[];
}

/** Lengths of a patch in LR pixels; `z` is 1 in planes. */
export interface PatchSize {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Branches that are broken on purpose in the LR patches alone; regions then have the fields lr, skeleton and mask. */
export interface Breaks {
  /** Share of the patches that are broken, in [0, 1]; the others keep their true free ends and nothing else. */
  readonly share: number;
  /** Gaps of such a patch. */
  readonly count: number;
  /** Length of a gap at the first step and at the last, LR pixels along x. */
  readonly length: readonly [number, number];
  /** Steps over which gaps grow. */
  readonly steps: number;
}

/** What batches are drawn from. */
export interface PatchSourceOptions {
  readonly groups: readonly PatchGroup[];
  /** LR pixels: a number is the side of a square of one plane. */
  readonly patch: number | PatchSize;
  readonly batch: number;
  readonly factor: Factor;
  readonly augment: Augment;
  /** Axes that may be exchanged; those of the plane by default. */
  readonly exchange?: Exchange;
  readonly seed: number;
  /** Places whose mean of `field` (a mask on the HR grid, say) is below `share` are drawn again, up to eight times. */
  readonly minimumForeground?: { readonly field: string; readonly share: number };
  readonly breaks?: Breaks;
}

/** Asks for the batch of a step. */
export interface BatchRequest {
  readonly step: number;
}
