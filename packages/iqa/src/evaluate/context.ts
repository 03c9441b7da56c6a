import { InputError, ShapeError, type PixelSize } from '@lacuna/core';
import { cropBorder, requireDataRange, requirePair, type Intensities } from '../intensities.js';
import { countForeground, createMask, type Connectivity, type Mask, type Spacing } from '../mask.js';
import { compareAttacks, type AttackComparison } from '../network/graph/attack.js';
import { bettiNumbers, type Betti } from '../network/topology/betti.js';
import { bettiMatching, type BettiMatching } from '../network/topology/betti-matching.js';
import { compareNetworks, type NetworkComparison } from '../network/comparison/compare.js';
import { recallAtInvention, type RecallAtInvention } from '../network/comparison/recall-at-invention.js';
import { morphometry, type Morphometry } from '../network/graph/morphometry.js';
import { clDice, dice, type ClDice } from '../network/comparison/overlap.js';
import { skeletonize } from '../network/thinning/skeletonize.js';
import { surfaceDistances, type SurfaceDistances } from '../network/distance/surface.js';
import { localThickness } from '../network/distance/thickness.js';
import { networkThreshold } from '../network/segmentation/network-threshold.js';
import { hysteresisThreshold, otsuThreshold, threshold } from '../network/segmentation/threshold.js';
import { smooth } from '../pixel/smooth.js';
import { luma } from '../pixel/luma.js';
import { meanWhereDefined } from '../pixel/plane-by-plane.js';
import { resolutionScaled, type ResolutionScaled } from '../pixel/squirrel.js';
import { niqe } from '../no-reference/niqe.js';
import { summarizeThickness } from '../pores/pores.js';
import { decorrelation } from '../spectrum/decorrelation.js';
import { frc, type Frc } from '../spectrum/frc.js';

/** Everything that decides a score besides the two images. */
export interface EvaluateOptions {
  /** L of PSNR and SSIM: the span of intensities. No default. */
  readonly dataRange: number;
  /**
   * Level that makes masks: Otsu's of the reference, the reference's at its network's edges, a number, or two for
   * hysteresis.
   */
  readonly threshold?: 'otsu' | 'network' | number | { readonly low: number; readonly high: number };
  readonly smoothing?: number;
  readonly border?: number;
  readonly channel?: 'y' | 'all' | number;
  readonly tolerance?: number;
  readonly connectivity?: Connectivity;
  readonly pixelSize?: PixelSize | null;
  /** The LR image, and the estimate degraded to it again, for `lr_consistency`. */
  readonly lowResolution?: { readonly lr: Intensities; readonly degraded: Intensities };
  /**
   * The network that is known to be there, in place of what a threshold makes of the reference: its mask and its
   * centrelines.
   */
  readonly truth?: { readonly mask: Mask; readonly skeleton: Mask };
}

/** What an image is worth by itself, without a reference. */
export interface OfOneImage {
  readonly reference: number | null;
  readonly estimate: number | null;
  readonly note?: string | undefined;
}

/** A pair under measurement: what several metrics share is made once, when first asked for. */
export class EvaluationContext {
  readonly reference: Intensities;
  readonly estimate: Intensities;
  readonly options: EvaluateOptions;
  private readonly made = new Map<string, unknown>();

  constructor(reference: Intensities, estimate: Intensities, options: EvaluateOptions) {
    requireDataRange('evaluate', options.dataRange);
    requirePair('evaluate', reference, estimate);
    const prepare = (grid: Intensities) => cropBorder(chooseChannel(grid, options), options.border ?? 0);
    this.reference = prepare(reference);
    this.estimate = prepare(estimate);
    this.options = options;
  }

  private once<T>(name: string, make: () => T): T {
    if (!this.made.has(name)) this.made.set(name, make());
    return this.made.get(name) as T;
  }

  get connectivity(): Connectivity {
    return this.options.connectivity ?? 'full';
  }
  get spacing(): Spacing {
    const { pixelSize } = this.options;
    if (pixelSize && pixelSize.z === undefined && this.reference.depth > 1) {
      throw new InputError({
        who: 'evaluate',
        got: `a volume of ${this.reference.depth} planes without their distance`,
        wanted: 'the pixel size along z too, for measures of length',
        remedy: 'give it beside x and y, as in --pixel-size 0.1um,0.1um,0.3um',
      });
    }
    return pixelSize ?? { x: 1, y: 1, z: 1 };
  }
  /** The tolerance, so many px of x, in the unit of the pixel size: a radius, the same along every axis. */
  get tolerance(): number {
    return (this.options.tolerance ?? 2) * this.spacing.x;
  }

  /** Both images as masks are cut of them. */
  private get smoothed(): { reference: Intensities; estimate: Intensities } {
    return this.once('smoothed', () => {
      const sigma = this.options.smoothing ?? 1;
      for (const { channels } of [this.reference, this.estimate])
        if (channels !== 1)
          throw new InputError({
            who: 'network metrics',
            got: `${channels} channels`,
            wanted: 'one',
            remedy: "choose a channel, 'y' or a number",
          });
      return { reference: smooth(this.reference, sigma), estimate: smooth(this.estimate, sigma) };
    });
  }

  /** Both masks, cut at the reference's level; the reference's is the true one where that is known. */
  get masks(): { reference: Mask; estimate: Mask } {
    return this.once('masks', () => {
      const { reference, estimate } = this.smoothed;
      const how = this.options.threshold ?? 'otsu';
      const cut = (grid: Intensities): Mask => {
        if (typeof how === 'object') return hysteresisThreshold(grid, { ...how, connectivity: this.connectivity });
        return threshold(
          grid,
          typeof how === 'number'
            ? how
            : this.once('level', () => (how === 'otsu' ? otsuThreshold(reference) : networkThreshold([reference]))),
        );
      };
      return { reference: this.known('mask') ?? cut(reference), estimate: cut(estimate) };
    });
  }

  /** A true mask or centreline on the grid of the cropped images. @throws {ShapeError} if its size is another. */
  private known(which: 'mask' | 'skeleton'): Mask | undefined {
    const mask = this.options.truth?.[which];
    if (!mask) return undefined;
    const { data, width, height, depth } = cropBorder({ ...mask, channels: 1 }, this.options.border ?? 0);
    if (width !== this.reference.width || height !== this.reference.height || depth !== this.reference.depth) {
      throw new ShapeError({
        who: 'evaluate',
        got: `a true ${which} of ${width} x ${height} x ${depth}`,
        wanted: `the reference's ${this.reference.width} x ${this.reference.height} x ${this.reference.depth}`,
      });
    }
    return createMask(data, width, height, depth);
  }

  /** Which masks are all foreground, if any: such a threshold is seldom meant. */
  get fullMasks(): string | undefined {
    return this.once('fullMasks', () => {
      const { reference, estimate } = this.masks;
      const full = (mask: Mask) => countForeground(mask) === mask.data.length;
      if (full(reference)) return full(estimate) ? 'both all foreground' : 'reference all foreground';
      return full(estimate) ? 'estimate all foreground' : undefined;
    });
  }

  get skeletons(): { reference: Mask; estimate: Mask } {
    // Drawn centrelines are thinned too: steps of a line that is two pixels thick would count as loops.
    return this.once('skeletons', () => ({
      reference: skeletonize(this.known('skeleton') ?? this.masks.reference),
      estimate: skeletonize(this.masks.estimate),
    }));
  }

  get clDice(): ClDice {
    return this.once('clDice', () => clDice(this.masks.reference, this.masks.estimate, this.skeletons));
  }
  get dice(): { value: number; flag?: string } {
    return this.once('dice', () => dice(this.masks.reference, this.masks.estimate));
  }

  get betti(): { reference: Betti; estimate: Betti } {
    const { connectivity } = this;
    return this.once('betti', () => ({
      reference: bettiNumbers(this.masks.reference, { connectivity }),
      estimate: bettiNumbers(this.masks.estimate, { connectivity }),
    }));
  }

  get matching(): BettiMatching {
    return this.once('matching', () =>
      bettiMatching(this.masks.reference, this.masks.estimate, { connectivity: this.connectivity }),
    );
  }

  get resolutionScaled(): ResolutionScaled {
    return this.once('resolutionScaled', () => resolutionScaled(this.reference, this.estimate));
  }
  get frc(): Frc {
    return this.once('frc', () => frc(this.reference, this.estimate, { spacing: this.spacing }));
  }

  /** Resolution of either image by itself, in px; of volumes the mean over the planes that have one. */
  get decorrelation(): OfOneImage {
    return this.once('decorrelation', () => this.ofOneImage((plane) => decorrelation(plane).resolution));
  }

  /** Of volumes the mean over the planes that have a value. */
  get niqe(): OfOneImage {
    return this.once('niqe', () => this.ofOneImage((plane) => niqe(plane, this.options)));
  }

  private ofOneImage(measure: (plane: Intensities) => number | null): OfOneImage {
    const reference = meanWhereDefined(this.reference, measure);
    const estimate = meanWhereDefined(this.estimate, measure);
    const { depth } = this.reference;
    const partial =
      estimate.planes > 0 && estimate.planes < depth
        ? `mean of the ${estimate.planes} of ${depth} planes that have one`
        : undefined;
    return { reference: reference.value, estimate: estimate.value, note: partial };
  }

  /** Local thickness at each pixel of either mask. */
  get thicknessMaps(): { reference: Float64Array; estimate: Float64Array } {
    const { masks, spacing } = this;
    return this.once('thicknessMaps', () => ({
      reference: localThickness(masks.reference, { spacing }),
      estimate: localThickness(masks.estimate, { spacing }),
    }));
  }

  /** Mean local thickness of either mask. */
  get thickness(): { reference: number | null; estimate: number | null } {
    const { reference, estimate } = this.thicknessMaps;
    const mean = (map: Float64Array) => summarizeThickness(map)?.mean ?? null;
    return this.once('thickness', () => ({ reference: mean(reference), estimate: mean(estimate) }));
  }

  get surfaces(): SurfaceDistances {
    return this.once('surfaces', () =>
      surfaceDistances(this.masks.reference, this.masks.estimate, { spacing: this.spacing, tolerance: this.tolerance }),
    );
  }

  get comparison(): NetworkComparison {
    return this.once('comparison', () =>
      compareNetworks(this.masks.reference, this.masks.estimate, {
        tolerance: this.tolerance,
        pixelSize: this.options.pixelSize && { ...this.spacing, unit: this.options.pixelSize.unit },
        skeletons: this.skeletons,
        intensities: { reference: this.reference, estimate: this.estimate },
      }),
    );
  }

  /** Recall over the estimate's levels; null for a reference without a network. */
  get recallAtInvention(): RecallAtInvention | null {
    return this.once('recallAtInvention', () => {
      const { masks, skeletons, spacing, tolerance } = this;
      const reference = { mask: masks.reference, skeleton: skeletons.reference };
      return recallAtInvention(reference, this.smoothed.estimate, { spacing, tolerance });
    });
  }

  get attacks(): AttackComparison {
    return this.once('attacks', () =>
      compareAttacks(this.comparison.graphs.reference, this.comparison.graphs.estimate, 'thinnest'),
    );
  }

  get morphometry(): { reference: Morphometry; estimate: Morphometry } {
    return this.once('morphometry', () => {
      const { spacing, connectivity } = this;
      const { graphs } = this.comparison;
      return {
        reference: morphometry(this.masks.reference, graphs.reference, { spacing, connectivity }),
        estimate: morphometry(this.masks.estimate, graphs.estimate, { spacing, connectivity }),
      };
    });
  }
}

function chooseChannel(grid: Intensities, { channel = 'all', dataRange }: EvaluateOptions): Intensities {
  if (channel === 'all') return grid;
  if (channel === 'y') return grid.channels === 1 ? grid : luma(grid, { dataRange });
  const { data, width, height, depth, channels } = grid;
  if (!Number.isInteger(channel) || channel < 0 || channel >= channels)
    throw new InputError({ who: 'evaluate', got: `channel ${channel}`, wanted: `'y', 'all' or 0 to ${channels - 1}` });
  if (channels === 1) return grid;
  const out = new Float64Array(width * height * depth);
  for (let i = 0; i < out.length; i++) out[i] = data[i * channels + channel];
  return { data: out, width, height, depth, channels: 1 };
}
