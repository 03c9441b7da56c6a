import type { Padding, Tensor } from '@lacuna/models';
import type { Reading } from './reading.js';

interface Window {
  readonly kernel: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly stride: number;
  readonly pads: readonly number[] | null;
  readonly auto: string;
}

/** Kernel, stride and paddings of a node; what our graph has no way to say is refused. */
function windowOf(r: Reading, kernel: readonly number[]): Window {
  const strides = r.ints('strides') ?? [1, 1];
  const dilations = r.ints('dilations') ?? [1, 1];
  if (kernel.length !== 2) throw r.refuse(`a window of ${kernel.length} axes`, 'two');
  if (strides[0] !== strides[1]) throw r.refuse(`strides ${strides.join(', ')}`, 'one stride for both axes');
  const auto = r.text('auto_pad', 'NOTSET');
  if (auto === 'SAME_LOWER') throw r.refuse('auto_pad SAME_LOWER', 'SAME_UPPER, VALID or pads');
  if (dilations.some((step) => step < 1)) throw r.refuse(`dilations ${dilations.join(', ')}`, 'at least 1');
  const dilation = [dilations[0], dilations[1] ?? dilations[0]] as [number, number];
  return {
    kernel: kernel.map((size, axis) => (size - 1) * dilation[axis] + 1) as [number, number],
    dilation,
    stride: strides[0],
    pads: r.ints('pads'),
    auto,
  };
}

const half = (total: number): number => Math.floor(total / 2);

/** Are [top, left, bottom, right] what SAME means at this total of zeros? */
function isSame([top, left, bottom, right]: readonly number[], totals: readonly number[]): boolean {
  return (
    top === half(totals[0]) &&
    left === half(totals[1]) &&
    bottom === totals[0] - half(totals[0]) &&
    right === totals[1] - half(totals[1])
  );
}

function paddingOf({ kernel, stride, pads, auto }: Window): Padding {
  if (auto === 'SAME_UPPER') return 'same';
  if (auto === 'VALID' || pads === null || pads.every((side) => side === 0)) return 'valid';
  if (
    stride === 1 &&
    isSame(
      pads,
      kernel.map((size) => size - 1),
    )
  )
    return 'same';
  return [
    [pads[0], pads[2]],
    [pads[1], pads[3]],
  ];
}

/** A filter is read as at most this many numbers once groups and dilation are written out. */
const MOST = 2 ** 26;

/** Conv: filter OIHW to HWIO. Our graph has neither groups nor dilation: both are written into the filter as zeros. */
export function readConv(r: Reading): Tensor {
  const groups = r.int('group', 1);
  const plainFilter = groups === 1 && (r.ints('dilations') ?? [1]).every((step) => step === 1);
  const w = plainFilter ? r.filter(1, [2, 3, 1, 0]) : sparseFilter(r, groups);
  const window = windowOf(r, r.sizes(1).slice(2));
  const padding = window.stride === 1 && w.shape[0] === 1 && w.shape[1] === 1 ? 'same' : paddingOf(window);
  const y = r.g.conv2d(r.image(0), w, { stride: window.stride, padding });
  return r.has(2) ? r.g.biasAdd(y, r.filter(2, [0])) : y;
}

/** [out, in / groups, h, w] to [h', w', in, out] with zeros between dilated taps and outside a group's own channels. */
function sparseFilter(r: Reading, groups: number): Tensor {
  const [out = 0, perGroup = 0, height = 0, width = 0] = r.sizes(1);
  const values = r.numbers(1);
  const {
    kernel: [rows, columns],
    dilation: [down, across],
  } = windowOf(r, [height, width]);
  const channels = perGroup * groups;
  const count = rows * columns * channels * out;
  if (groups < 1 || out % groups !== 0)
    throw r.refuse(`${groups} groups for ${out} filters`, 'a divisor of their number');
  if (!(count <= MOST))
    throw r.refuse(
      `a filter of ${rows} x ${columns} x ${channels} x ${out} numbers once groups and dilation are written out`,
      `at most ${MOST}`,
    );
  const dense = new Float32Array(count);
  for (let o = 0, from = 0; o < out; o++) {
    const first = Math.floor(o / (out / groups)) * perGroup;
    for (let i = first; i < first + perGroup; i++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          dense[((y * down * columns + x * across) * channels + i) * out + o] = values[from++]!;
  }
  return r.g.constant(dense, [rows, columns, channels, out]);
}

/** ConvTranspose: filter [in, out, h, w] to [h, w, out, in]. */
export function readConvTranspose(r: Reading): Tensor {
  if (r.int('group', 1) !== 1) throw r.refuse(`${r.int('group', 1)} groups`, 'one');
  const x = r.image(0);
  const w = r.filter(1, [2, 3, 1, 0]);
  const { kernel, dilation, stride, pads, auto } = windowOf(r, w.shape.slice(0, 2));
  if (dilation.some((step) => step !== 1)) throw r.refuse(`dilations ${dilation.join(', ')}`, 'none');
  if (auto !== 'NOTSET' && auto !== 'VALID') throw r.refuse(`auto_pad ${auto}`, 'pads');
  const given = pads ?? [0, 0, 0, 0];
  const extra = r.ints('output_padding') ?? [0, 0];
  const lengths = kernel.map(
    (size, axis) => stride * (x.shape[axis + 1] - 1) + extra[axis] + size - given[axis] - given[axis + 2],
  );
  const same =
    isSame(
      given,
      kernel.map((size) => Math.max(0, size - stride)),
    ) && lengths.every((length, axis) => length === stride * x.shape[axis + 1]);
  if (!same && given.some((side) => side !== 0)) throw r.refuse(`pads ${given.join(', ')}`, 'those of SAME, or none');
  const y = r.g.conv2dTranspose(
    x,
    w,
    same ? { stride } : { stride, padding: 'valid', height: lengths[0], width: lengths[1] },
  );
  return r.has(2) ? r.g.biasAdd(y, r.filter(2, [0])) : y;
}

/** MaxPool and AveragePool. */
export function readPool(r: Reading): Tensor {
  const window = windowOf(r, r.ints('kernel_shape') ?? []);
  const padding = paddingOf(window);
  if (window.dilation.some((step) => step !== 1)) throw r.refuse(`dilations ${window.dilation.join(', ')}`, 'none');
  const square =
    window.kernel[0] === window.kernel[1] && r.int('ceil_mode', 0) === 0 && r.int('count_include_pad', 0) === 0;
  if (typeof padding !== 'string' || !square)
    throw r.refuse('a window that is not square, padded by hand or rounded up', 'SAME_UPPER or no padding');
  const options = { window: window.kernel[0], stride: window.stride, padding: padding };
  return r.node.opType === 'MaxPool' ? r.g.maxPool(r.image(0), options) : r.g.avgPool(r.image(0), options);
}
