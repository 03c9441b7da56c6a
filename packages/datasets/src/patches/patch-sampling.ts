import { InputError, createRng, type Rng } from '@lacuna/core';
import { byAxis } from '../degrade/factor.js';
import { breakBranches, gapLength } from './breaks.js';
import type { PatchField, PatchGroup, PatchRegion, PatchSize, PatchSourceOptions } from './patch-types.js';
import { drawSymmetry, turnDoubleAngle, turnTensor, type ChannelMap, type Symmetry } from './symmetry.js';

/**
 * The batch of a step. Each draw depends on seed, group, step and place in the batch alone, so that a resumed run sees
 * the same patches.
 * @throws {InputError} if a region is smaller than a patch.
 */
export function sampleBatch(options: PatchSourceOptions, step: number): Record<string, Float32Array> {
  const out: Record<string, Float32Array> = {};
  const rng = createRng(options.seed).fork('patches').fork(step);
  for (const group of options.groups) {
    const symmetries = sampleGroup(options, group, rng.fork(group.name), out);
    if (options.breaks) breakPatches(options, { group, symmetries, step }, rng.fork(group.name), out);
  }
  return out;
}

/**
 * Breaks branches in some of a group's LR patches. What is drawn for that has streams of its own: places and symmetries
 * are the same with and without.
 */
function breakPatches(
  { breaks, batch, patch, factor }: PatchSourceOptions,
  { group, symmetries, step }: { group: PatchGroup; symmetries: readonly Symmetry[]; step: number },
  rng: Rng,
  out: Readonly<Record<string, Float32Array>>,
): void {
  const { share, count } = breaks!;
  const names = ['lr', 'skeleton', 'mask'] as const;
  const missing = names.find((name) => out[name] === undefined);
  if (missing)
    throw new InputError({
      who: 'breaks',
      got: `patches of ${group.name} without the field ${missing}`,
      wanted: 'pairs whose centreline is known',
    });
  const length = gapLength(breaks!, step);
  for (let i = 0; i < batch; i++) {
    const draw = rng.fork(i).fork('breaks');
    if (draw.uniform() >= share) continue;
    const part = (name: string) =>
      out[name].subarray((i * out[name].length) / batch, ((i + 1) * out[name].length) / batch);
    const turned = {
      size: turn(patchSize(patch), symmetries[i]),
      factor: turn(byAxis(factor), symmetries[i]),
    };
    const maps = { lr: part('lr'), skeleton: part('skeleton'), mask: part('mask') };
    breakBranches({ ...maps, ...turned }, { count, length }, draw);
  }
}

/** Numbers by axis of a field, by axis of the patch that was cut from it. */
function turn(numbers: PatchSize, { from }: Symmetry): PatchSize {
  const all = [numbers.x, numbers.y, numbers.z];
  const [x, y, z] = from.map((axis) => all[axis]);
  return { x, y, z };
}

/** Lengths along each axis. */
const patchSize = (patch: PatchSourceOptions['patch']): PatchSize =>
  typeof patch === 'number' ? { x: patch, y: patch, z: 1 } : patch;

/** A block of a field: its corner and its lengths. */
interface Block extends PatchSize {
  readonly at: PatchSize;
}

function sampleGroup(
  options: PatchSourceOptions,
  group: PatchGroup,
  rng: Rng,
  out: Record<string, Float32Array>,
): Symmetry[] {
  const { batch, augment, exchange = 'xy' } = options;
  const symmetries: Symmetry[] = [];
  const patch = patchSize(options.patch);
  const counts = group.regions.map((region) => placesIn(region, patch));
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < batch; i++) {
    const draw = rng.fork(i);
    const { region, at } = drawPlace(options, group, { counts, total }, draw);
    const isVolume = (region.lrDepth ?? 1) > 1 || region.fields.some(({ kind }) => kind === 'planes');
    const symmetry = drawSymmetry(draw, { augment, exchange, isVolume });
    symmetries.push(symmetry);
    for (const field of region.fields) {
      const block = blockOf(field, options, at);
      const size = block.x * block.y * block.z * field.channels;
      const target = (out[field.name] ??= new Float32Array(batch * size));
      cutPatch(field, gridOf(field, options, region), block, symmetry, target.subarray(i * size, (i + 1) * size));
    }
  }
  return symmetries;
}

/** @throws {InputError} if the region holds no patch. */
function placesIn({ lrWidth, lrHeight, lrDepth = 1 }: PatchRegion, patch: PatchSize): number {
  const across = lrWidth - patch.x + 1;
  const down = lrHeight - patch.y + 1;
  const deep = lrDepth - patch.z + 1;
  if (across >= 1 && down >= 1 && deep >= 1) return across * down * deep;
  const isPlane = lrDepth === 1 && patch.z === 1 && patch.x === patch.y;
  throw new InputError({
    who: 'patches',
    got: `an LR region of ${lrWidth} x ${lrHeight}${isPlane ? '' : ` x ${lrDepth}`} px`,
    wanted: isPlane ? `at least ${patch.x} px a side` : `at least ${patch.x} x ${patch.y} x ${patch.z} px`,
    remedy: 'set training.patch smaller or use larger images',
  });
}

/** A patch at an LR place, on a field's own grid. */
function blockOf({ grid }: PatchField, options: PatchSourceOptions, at: PatchSize): Block {
  const { x, y, z } = patchSize(options.patch);
  const scale = grid === 'hr' ? byAxis(options.factor) : { x: 1, y: 1, z: 1 };
  return {
    x: x * scale.x,
    y: y * scale.y,
    z: z * scale.z,
    at: { x: at.x * scale.x, y: at.y * scale.y, z: at.z * scale.z },
  };
}

/** Width and height of a field, which its layout hangs on. */
function gridOf(
  { grid }: PatchField,
  { factor }: PatchSourceOptions,
  { lrWidth, lrHeight }: PatchRegion,
): { width: number; height: number } {
  const scale = grid === 'hr' ? byAxis(factor) : { x: 1, y: 1 };
  return { width: lrWidth * scale.x, height: lrHeight * scale.y };
}

/**
 * A place, uniform over all regions; with a minimum of foreground, the first of eight that has enough, else the last.
 */
function drawPlace(
  options: PatchSourceOptions,
  group: PatchGroup,
  { counts, total }: { readonly counts: readonly number[]; readonly total: number },
  draw: Rng,
): { region: PatchRegion; at: PatchSize } {
  const { minimumForeground } = options;
  const patch = patchSize(options.patch);
  for (let attempt = 1; ; attempt++) {
    let place = Math.floor(draw.uniform() * total);
    let which = 0;
    while (place >= counts[which]) place -= counts[which++];
    const region = group.regions[which];
    const across = region.lrWidth - patch.x + 1;
    const down = region.lrHeight - patch.y + 1;
    const row = Math.floor(place / across);
    const at = { x: place % across, y: row % down, z: Math.floor(row / down) };
    const field = minimumForeground && region.fields.find((candidate) => candidate.name === minimumForeground.field);
    if (!field || attempt === 8) return { region, at };
    const mean = meanOf(field, gridOf(field, options, region), blockOf(field, options, at));
    if (mean >= minimumForeground.share) return { region, at };
  }
}

function meanOf(
  { data, channels }: PatchField,
  { width, height }: { width: number; height: number },
  { x, y, z, at }: Block,
): number {
  let sum = 0;
  for (let k = at.z; k < at.z + z; k++) {
    for (let j = at.y; j < at.y + y; j++) {
      const row = (k * height + j) * width;
      for (let i = at.x; i < at.x + x; i++) sum += data[(row + i) * channels];
    }
  }
  return sum / (x * y * z);
}

/** Copies a block of a field, turned by a symmetry; directions turn with it. */
function cutPatch(
  field: PatchField,
  { width, height }: { width: number; height: number },
  block: Block,
  symmetry: Symmetry,
  target: Float32Array,
): void {
  const { data, channels } = field;
  const { at } = block;
  const { from, flip } = symmetry;
  const lengths = [block.x, block.y, block.z];
  const strides = [channels, width * channels, width * height * channels];
  const corner = [at.x, at.y, at.z];
  // Where the first value comes from, and how far apart the values along each axis of the patch are.
  let first = 0;
  for (let axis = 0; axis < 3; axis++) first += (corner[axis] + (flip[axis] ? lengths[axis] - 1 : 0)) * strides[axis];
  const [alongX, alongY, alongZ] = from.map((axis) => (flip[axis] ? -strides[axis] : strides[axis]));
  const [countX, countY, countZ] = from.map((axis) => lengths[axis]);
  const channelMap = channelsOf(field, symmetry);
  let to = 0;
  for (let k = 0; k < countZ; k++) {
    for (let j = 0; j < countY; j++) {
      const start = first + k * alongZ + j * alongY;
      const row = target.subarray(to, to + countX * channels);
      if (channelMap) copyTurned(data, start, alongX, channelMap, row);
      else copyRow(data, start, alongX, row);
      to += countX * channels;
    }
  }
}

/** What becomes of the channels of a field of directions; null for a field of one number. */
function channelsOf({ kind, channels }: PatchField, symmetry: Symmetry): ChannelMap | null {
  if (kind === 'double-angle') return turnDoubleAngle(symmetry);
  if (kind === 'direction-tensor') return turnTensor(symmetry);
  if (channels === 1) return null;
  const all = Array.from({ length: channels }, (_, c) => c);
  if (kind === 'planes' && symmetry.flip[2]) all.reverse();
  return { from: all, sign: all.map(() => 1) };
}

function copyRow(data: Float32Array, start: number, stride: number, target: Float32Array): void {
  if (stride === 1) {
    target.set(data.subarray(start, start + target.length));
    return;
  }
  let from = start;
  for (let i = 0; i < target.length; i++) {
    target[i] = data[from];
    from += stride;
  }
}

function copyTurned(
  data: Float32Array,
  start: number,
  stride: number,
  { from, sign }: ChannelMap,
  target: Float32Array,
): void {
  const channels = from.length;
  let at = start;
  for (let to = 0; to < target.length; to += channels) {
    for (let c = 0; c < channels; c++) target[to + c] = data[at + from[c]] * sign[c];
    at += stride;
  }
}
