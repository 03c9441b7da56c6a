import type { Padding, Sides, Tensor } from '@lacuna/models';
import { filterLast } from '../axes.js';
import type { Reading } from './reading.js';

/** A window over the spatial axes of a plane or a volume. */
interface WindowSpec {
  readonly kernel: readonly number[];
  readonly dilation: readonly number[];
  readonly stride: readonly number[];
  /** Zeros before each axis, then after each. */
  readonly pads: readonly number[] | null;
  readonly auto: string;
}

/** Kernel, stride and paddings of a node; what our graph has no way to say is refused. */
function windowOf(r: Reading, kernel: readonly number[]): WindowSpec {
  const ones = kernel.map(() => 1);
  const strides = r.ints('strides') ?? ones;
  const dilations = r.ints('dilations') ?? ones;
  if (kernel.length !== 2 && kernel.length !== 3) throw r.refuse(`a window of ${kernel.length} axes`, 'two or three');
  if (strides.length !== kernel.length) throw r.refuse(`strides ${strides.join(', ')}`, 'one stride for each axis');
  const auto = r.text('auto_pad', 'NOTSET');
  if (auto === 'SAME_LOWER') throw r.refuse('auto_pad SAME_LOWER', 'SAME_UPPER, VALID or pads');
  if (dilations.some((step) => step < 1)) throw r.refuse(`dilations ${dilations.join(', ')}`, 'at least 1');
  const dilation = kernel.map((_, axis) => dilations[axis] ?? dilations[0]);
  return {
    kernel: kernel.map((size, axis) => (size - 1) * dilation[axis] + 1),
    dilation,
    stride: strides,
    pads: r.ints('pads'),
    auto,
  };
}

const half = (total: number): number => Math.floor(total / 2);

/** Are these pads what SAME means at these totals of zeros? */
function isSame(pads: readonly number[], totals: readonly number[]): boolean {
  const rank = totals.length;
  return totals.every((total, axis) => pads[axis] === half(total) && pads[axis + rank] === total - half(total));
}

function paddingOf({ kernel, stride, pads, auto }: WindowSpec): Padding {
  if (auto === 'SAME_UPPER') return 'same';
  if (auto === 'VALID' || pads === null || pads.every((side) => side === 0)) return 'valid';
  const totals = kernel.map((size) => size - 1);
  if (stride.every((step) => step === 1) && isSame(pads, totals)) return 'same';
  return kernel.map((_, axis): Sides => [pads[axis], pads[axis + kernel.length]]);
}

/** A filter is read as at most this many numbers once groups and dilation are written out. */
const MOST = 2 ** 26;

/**
 * Conv: filter [out, in, kernel..] to [kernel.., in, out]. Our graph has neither groups nor dilation: both are written
 * into the filter as zeros.
 */
export function readConv(r: Reading): Tensor {
  const groups = r.int('group', 1);
  const window = windowOf(r, r.sizes(1).slice(2));
  const isPlain = groups === 1 && window.dilation.every((step) => step === 1);
  const w = isPlain ? r.filter(1, filterLast(window.kernel.length)) : sparseFilter(r, groups);
  const single = window.stride.every((step) => step === 1) && w.shape.slice(0, -2).every((length) => length === 1);
  const y = r.g.conv(r.image(0), w, { stride: window.stride, padding: single ? 'same' : paddingOf(window) });
  return r.has(2) ? r.g.biasAdd(y, r.filter(2, [0])) : y;
}

/**
 * [out, in / groups, kernel..] to [kernel'.., in, out], zeros between dilated taps and outside a group's own channels.
 */
function sparseFilter(r: Reading, groups: number): Tensor {
  const [out = 0, perGroup = 0, ...taps] = r.sizes(1);
  const values = r.numbers(1);
  const { kernel, dilation } = windowOf(r, taps);
  const channels = perGroup * groups;
  const count = kernel.reduce((size, length) => size * length, channels * out);
  if (groups < 1 || out % groups !== 0)
    throw r.refuse(`${groups} groups for ${out} filters`, 'a divisor of their number');
  if (!(count <= MOST))
    throw r.refuse(
      `a filter of ${[...kernel, channels, out].join(' x ')} numbers once groups and dilation are written out`,
      `at most ${MOST}`,
    );
  const places = tapPlaces(taps, kernel, dilation);
  const dense = new Float32Array(count);
  for (let o = 0, from = 0; o < out; o++) {
    const first = Math.floor(o / (out / groups)) * perGroup;
    for (let i = first; i < first + perGroup; i++)
      for (const place of places) dense[(place * channels + i) * out + o] = values[from++];
  }
  return r.g.constant(dense, [...kernel, channels, out]);
}

/** Where each tap lies, row-major, in a kernel that is spread by its dilation. */
function tapPlaces(taps: readonly number[], kernel: readonly number[], dilation: readonly number[]): number[] {
  return taps.reduce<number[]>(
    (places, length, axis) =>
      places.flatMap((place) => Array.from({ length }, (_, i) => place * kernel[axis] + i * dilation[axis])),
    [0],
  );
}

/** ConvTranspose: filter [in, out, kernel..] to [kernel.., out, in]. */
export function readConvTranspose(r: Reading): Tensor {
  if (r.int('group', 1) !== 1) throw r.refuse(`${r.int('group', 1)} groups`, 'one');
  const x = r.image(0);
  const w = r.filter(1, filterLast(r.sizes(1).length - 2));
  const { kernel, dilation, stride, pads, auto } = windowOf(r, w.shape.slice(0, -2));
  const rank = kernel.length;
  if (dilation.some((step) => step !== 1)) throw r.refuse(`dilations ${dilation.join(', ')}`, 'none');
  if (auto !== 'NOTSET' && auto !== 'VALID') throw r.refuse(`auto_pad ${auto}`, 'pads');
  const given = pads ?? new Array<number>(2 * rank).fill(0);
  const extra = r.ints('output_padding') ?? kernel.map(() => 0);
  const lengths = kernel.map(
    (length, axis) => stride[axis] * (x.shape[axis + 1] - 1) + extra[axis] + length - given[axis] - given[axis + rank],
  );
  const totals = kernel.map((length, axis) => Math.max(0, length - stride[axis]));
  const same = isSame(given, totals) && lengths.every((length, axis) => length === stride[axis] * x.shape[axis + 1]);
  if (!same && given.some((side) => side !== 0)) throw r.refuse(`pads ${given.join(', ')}`, 'those of SAME, or none');
  const y = r.g.convTranspose(x, w, same ? { stride } : { stride, padding: 'valid', size: lengths });
  return r.has(2) ? r.g.biasAdd(y, r.filter(2, [0])) : y;
}

/** MaxPool and AveragePool. */
export function readPool(r: Reading): Tensor {
  const window = windowOf(r, r.ints('kernel_shape') ?? []);
  const padding = paddingOf(window);
  if (window.dilation.some((step) => step !== 1)) throw r.refuse(`dilations ${window.dilation.join(', ')}`, 'none');
  const plain = r.int('ceil_mode', 0) === 0 && r.int('count_include_pad', 0) === 0;
  if ((padding !== 'same' && padding !== 'valid') || !plain)
    throw r.refuse('a window that is padded by hand or rounded up', 'SAME_UPPER or no padding');
  const options = { window: window.kernel, stride: window.stride, padding };
  return r.node.opType === 'MaxPool' ? r.g.maxPool(r.image(0), options) : r.g.avgPool(r.image(0), options);
}
