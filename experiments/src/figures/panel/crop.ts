import { InputError } from '@lacuna/core';
import { mark, type CropBox, type CropRule } from '../types.js';

/** What {@link chooseCrop} judges crops by: centrelines on the HR grid. */
export interface CropEvidence {
  readonly width: number;
  readonly height: number;
  /** The crop's corner falls on whole LR pixels. */
  readonly factor: number;
  /** 1 on the true centreline, [height][width]. */
  readonly network: Uint8Array;
  /** Codes of {@link mark} of each method. */
  readonly marks: readonly Uint8Array[];
}

/**
 * The crop that the rule names. Crops are compared on a grid of a quarter of the size (rounded to whole LR pixels);
 * ties go to the first in reading order, so the same evidence always gives the same crop. The size is cut to whole LR
 * pixels, and to the image.
 * @throws {InputError} if a fixed crop is not inside the image or its corner not on the LR grid, or the size is below
 * one LR pixel.
 */
export function chooseCrop(rule: CropRule, evidence: CropEvidence): CropBox {
  const { width, height, factor } = evidence;
  if (!(rule.size >= factor))
    throw new InputError({ who: 'figure crop', got: `size ${rule.size}`, wanted: `at least the factor, ${factor}` });
  const size = rule.size - (rule.size % factor);
  const side = { width: Math.min(size, width - (width % factor)), height: Math.min(size, height - (height % factor)) };
  if (rule.kind === 'fixed') {
    if (
      rule.x < 0 ||
      rule.y < 0 ||
      rule.x + size > width ||
      rule.y + size > height ||
      rule.x % factor !== 0 ||
      rule.y % factor !== 0
    ) {
      throw new InputError({
        who: 'figure crop',
        got: `corner ${rule.x},${rule.y} and size ${rule.size}`,
        wanted: `a crop inside ${width} x ${height} whose corner is a multiple of the factor ${factor}`,
      });
    }
    return { x: rule.x, y: rule.y, ...side };
  }
  const network = integralOf(evidence, (i) => (evidence.network[i] === 0 ? 0 : 1));
  const missed = integralOf(evidence, (i) =>
    evidence.marks.reduce((sum, marks) => sum + (marks[i] === mark.missed ? 1 : 0), 0),
  );
  const found = integralOf(evidence, (i) =>
    evidence.marks.reduce((sum, marks) => sum + (marks[i] === mark.found ? 1 : 0), 0),
  );
  const candidates = cropGrid(evidence, side).map((box) => ({
    box,
    length: network(box),
    missed: missed(box),
    found: found(box),
  }));
  if (rule.kind === 'most-branches') return firstLargest(candidates, (c) => c.length).box;
  if (rule.kind === 'most-missed') return firstLargest(candidates, (c) => c.missed).box;
  const enough = firstLargest(candidates, (c) => c.length).length / 2;
  const dense = candidates.filter((c) => c.length >= enough);
  const share = (c: (typeof dense)[number]) => c.found / Math.max(1, c.found + c.missed);
  const ordered = dense.map((c, order) => ({ c, order })).sort((a, b) => share(a.c) - share(b.c) || a.order - b.order);
  return ordered[Math.floor((ordered.length - 1) / 2)].c.box;
}

function cropGrid({ width, height, factor }: CropEvidence, side: { width: number; height: number }): CropBox[] {
  const step = Math.max(1, Math.round(Math.min(side.width, side.height) / 4 / factor)) * factor;
  const along = (length: number, extent: number) => {
    const last = length - extent - ((length - extent) % factor);
    const starts: number[] = [];
    for (let at = 0; at < last; at += step) starts.push(at);
    return [...starts, last];
  };
  return along(height, side.height).flatMap((y) => along(width, side.width).map((x) => ({ x, y, ...side })));
}

/** Sums over boxes in constant time, by a summed-area table (Crow 1984). */
function integralOf({ width, height }: CropEvidence, value: (index: number) => number): (box: CropBox) => number {
  const stride = width + 1;
  const table = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += value(y * width + x);
      table[(y + 1) * stride + x + 1] = table[y * stride + x + 1] + row;
    }
  }
  return ({ x, y, width: w, height: h }) =>
    table[(y + h) * stride + x + w] - table[y * stride + x + w] - table[(y + h) * stride + x] + table[y * stride + x];
}

function firstLargest<T>(items: readonly T[], value: (item: T) => number): T {
  let best: T = items[0];
  for (const item of items) if (value(item) > value(best)) best = item;
  return best;
}
