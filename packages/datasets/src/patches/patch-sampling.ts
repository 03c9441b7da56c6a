import { InputError, createRng, type Rng } from '@lacuna/core';
import type { PatchField, PatchGroup, PatchRegion, PatchSourceOptions } from './patch-source.js';

/** Asks for the batch of a step. */
export interface BatchRequest {
  readonly step: number;
}

/** Mirror in x, mirror in y, exchange of the axes: the eight symmetries of a square. */
interface Symmetry {
  readonly flipX: boolean;
  readonly flipY: boolean;
  readonly transpose: boolean;
}

/**
 * The batch of a step. Each draw depends on seed, group, step and place in the batch alone, so that a resumed run sees
 * the same patches.
 * @throws {InputError} if a region is smaller than a patch.
 */
export function sampleBatch(options: PatchSourceOptions, step: number): Record<string, Float32Array> {
  const out: Record<string, Float32Array> = {};
  const rng = createRng(options.seed).fork('patches').fork(step);
  for (const group of options.groups) sampleGroup(options, group, rng.fork(group.name), out);
  return out;
}

function sampleGroup(
  options: PatchSourceOptions,
  group: PatchGroup,
  rng: Rng,
  out: Record<string, Float32Array>,
): void {
  const { patch, batch, factor, augment } = options;
  const places = group.regions.map((region) => {
    const across = region.lrWidth - patch + 1;
    const down = region.lrHeight - patch + 1;
    if (across < 1 || down < 1)
      throw new InputError({
        who: 'patches',
        got: `an LR region of ${region.lrWidth} x ${region.lrHeight} px`,
        wanted: `at least ${patch} px a side`,
        remedy: 'set training.patch smaller or use larger images',
      });
    return across * down;
  });
  const total = places.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < batch; i++) {
    const draw = rng.fork(i);
    const { region, x, y } = drawPlace(options, group, places, total, draw);
    const symmetry: Symmetry = {
      flipX: augment !== 'none' && draw.uniform() < 0.5,
      flipY: augment !== 'none' && draw.uniform() < 0.5,
      transpose: augment === 'flips-and-rotations' && draw.uniform() < 0.5,
    };
    for (const field of region.fields) {
      const scale = field.grid === 'hr' ? factor : 1;
      const side = patch * scale;
      const size = side * side * field.channels;
      const target = (out[field.name] ??= new Float32Array(batch * size));
      cutPatch(field, region.lrWidth * scale, x * scale, y * scale, side, symmetry, target, i * size);
    }
  }
}

/**
 * A place, uniform over all regions; with a minimum of foreground, the first of eight that has enough, else the last.
 */
function drawPlace(
  { patch, factor, minimumForeground }: PatchSourceOptions,
  group: PatchGroup,
  places: readonly number[],
  total: number,
  draw: Rng,
): { region: PatchRegion; x: number; y: number } {
  for (let attempt = 1; ; attempt++) {
    let place = Math.floor(draw.uniform() * total);
    let which = 0;
    while (place >= places[which]) place -= places[which++];
    const region = group.regions[which];
    const across = region.lrWidth - patch + 1;
    const x = place % across;
    const y = Math.floor(place / across);
    const field = minimumForeground && region.fields.find((candidate) => candidate.name === minimumForeground.field);
    if (!field || attempt === 8) return { region, x, y };
    const scale = field.grid === 'hr' ? factor : 1;
    if (meanOf(field, region.lrWidth * scale, x * scale, y * scale, patch * scale) >= minimumForeground.share)
      return { region, x, y };
  }
}

function meanOf({ data, channels }: PatchField, width: number, x: number, y: number, side: number): number {
  let sum = 0;
  for (let row = y; row < y + side; row++)
    for (let column = x; column < x + side; column++) sum += data[(row * width + column) * channels];
  return sum / (side * side);
}

/** Copies a square of a field, turned by a symmetry; directions turn with it. */
function cutPatch(
  field: PatchField,
  width: number,
  x: number,
  y: number,
  side: number,
  { flipX, flipY, transpose }: Symmetry,
  target: Float32Array,
  at: number,
): void {
  const { data, channels, kind } = field;
  // Where the first value comes from, and how far apart those of a row and of a column are.
  const right = (flipX ? -1 : 1) * channels;
  const down = (flipY ? -1 : 1) * width * channels;
  const first = ((y + (flipY ? side - 1 : 0)) * width + x + (flipX ? side - 1 : 0)) * channels;
  const alongRow = transpose ? down : right;
  const toNext = transpose ? right : down;
  if (channels === 1) {
    for (let row = 0, to = at; row < side; row++) {
      let from = first + row * toNext;
      if (alongRow === 1) target.set(data.subarray(from, from + side), to);
      else for (let i = to, end = to + side; i < end; i++, from += alongRow) target[i] = data[from]!;
      to += side;
    }
    return;
  }
  // Mirroring one axis takes a direction t to -t; exchanging the axes takes it to 90° - t.
  const cosSign = kind === 'double-angle' && transpose ? -1 : 1;
  const sinSign = kind === 'double-angle' && flipX !== flipY ? -1 : 1;
  for (let row = 0, to = at; row < side; row++) {
    for (let column = 0, from = first + row * toNext; column < side; column++, from += alongRow) {
      for (let c = 0; c < channels; c++) target[to++] = data[from + c] * (c === 0 ? cosSign : c === 1 ? sinSign : 1);
    }
  }
}
