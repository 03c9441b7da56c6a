import { tileStarts } from '@lacuna/models';

/** One tile along one axis. Positions are LR pixels, weights one an SR pixel. */
export interface AxisTile {
  /** Where the tile begins in the image; its length is the plan's. */
  readonly start: number;
  /** The part of the image to which the tile contributes. */
  readonly from: number;
  readonly to: number;
  /** Share of the tile in the SR pixels from·factor to to·factor; null where it is all of each. */
  readonly weights: Float32Array | null;
}

/** How an axis is cut: every tile has the same length. */
export interface AxisPlan {
  readonly tile: number;
  readonly tiles: readonly AxisTile[];
}

/** What cutting depends on besides the lengths. */
export interface AxisOptions {
  /** Longest tile, LR pixels. */
  readonly tile: number;
  /** Reach of the model to either side; null where it looks at the whole image. */
  readonly halo: number | null;
  /** The model takes lengths that are multiples of this. */
  readonly multiple: number;
  readonly factor: number;
}

/** Share of a tile that overlaps its neighbour where results are blended. */
const OVERLAP = 1 / 4;

/** The shortest tile that leaves something to keep between two halos. */
export function shortestTile(halo: number | null, multiple: number): number {
  return halo === null ? Math.ceil(16 / multiple) * multiple : Math.ceil((2 * halo + multiple) / multiple) * multiple;
}

/**
 * How many tiles of at most `longest` cover an axis, each without its halos (those at the ends of the image have one).
 */
export function tileCount(length: number, longest: number, halo: number): number {
  return length <= longest ? 1 : Math.ceil((length - 2 * halo) / (longest - 2 * halo));
}

/**
 * The shortest tile with which as many tiles cover the axis as with the longest one: no tile goes through the network
 * for a remainder.
 */
export function balancedTile(length: number, longest: number, halo: number, multiple: number): number {
  const side = Math.ceil((length - 2 * halo) / tileCount(length, longest, halo)) + 2 * halo;
  return Math.min(longest, Math.ceil(side / multiple) * multiple);
}

/**
 * Cuts an axis into tiles. With a halo, each tile keeps what its border cannot reach, and tiles equal the whole.
 * Without one no tile equals the whole: tiles overlap by a quarter and give way to each other linearly.
 */
export function planAxis(length: number, { tile, halo, multiple, factor }: AxisOptions): AxisPlan {
  const fit = (wanted: number) => Math.ceil(wanted / multiple) * multiple;
  const side = Math.min(fit(length), Math.max(shortestTile(halo, multiple), Math.floor(tile / multiple) * multiple));
  if (halo !== null || length <= side) {
    const even = length <= side ? side : balancedTile(length, side, halo ?? 0, multiple);
    return {
      tile: even,
      tiles: tileStarts(length, even, halo ?? 0, multiple).map(({ start, keepFrom, keepTo }) => ({
        start,
        from: keepFrom,
        to: keepTo,
        weights: null,
      })),
    };
  }
  const last = fit(length) - side;
  const step = Math.max(multiple, Math.floor((side * (1 - OVERLAP)) / multiple) * multiple);
  const starts: number[] = [];
  for (let start = 0; start < last; start += step) starts.push(start);
  starts.push(last);
  const spans = starts.map((start) => ({ start, from: start, to: Math.min(length, start + side) }));
  return { tile: side, tiles: spans.map((span, i) => ({ ...span, weights: blendWeights(spans, i, factor) })) };
}

/** Ramps over the overlaps, divided by the sum over all tiles: the shares of a pixel add up to 1. */
function blendWeights(spans: readonly { from: number; to: number }[], index: number, factor: number): Float32Array {
  const own = spans[index];
  const weights = new Float32Array((own.to - own.from) * factor);
  const ramp = (i: number, pixel: number): number => {
    const { from, to } = spans[i];
    const before = spans[i - 1];
    const after = spans[i + 1];
    const rise = before ? (pixel + 0.5 - from * factor) / ((before.to - from) * factor) : 1;
    const fall = after ? (to * factor - pixel - 0.5) / ((to - after.from) * factor) : 1;
    return Math.max(0, Math.min(1, rise, fall));
  };
  for (let k = 0; k < weights.length; k++) {
    const pixel = own.from * factor + k;
    let sum = 0;
    for (let i = 0; i < spans.length; i++) sum += ramp(i, pixel);
    weights[k] = ramp(index, pixel) / sum;
  }
  return weights;
}
