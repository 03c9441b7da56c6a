import { spatialRank, type Node, type Shape, type WindowAttributes } from '../../graph/index.js';
import { T, pad, reshape, slice, transpose, withIndex, type Emitter } from './emitter.js';
import { isSlowInVolumes, phasesThenSpread } from './transposed-volume.js';

/**
 * How a convolution and its two gradients are written for TensorFlow on a CPU.
 *
 * TensorFlow holds two sets of kernels: oneDNN's (which its graph pass puts in place of `Conv2D` and of gradients with
 * padding SAME or VALID) and its own (behind the op `Conv`, and behind gradients with explicit paddings). Neither is
 * the better one: on AVX2 oneDNN is up to 200 times slower for one output channel and twice slower for a single image,
 * and twice faster for batches of small images. Some shapes are best served by neither, but by a matrix product. The
 * rules below are those of `tools/bench/convolution`, which measures every variant for the shapes of the catalogue.
 * They depend on shapes, and on whether the processor has AVX-512, alone, so the same program always runs the same
 * kernels on a machine: a choice by timing would cost repeatability.
 */
interface Window {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
  readonly kh: number;
  readonly kw: number;
  readonly oh: number;
  readonly ow: number;
  readonly o: number;
  readonly stride: number;
  /** Zeros before and after: rows, then columns. */
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** Zeros that TensorFlow's SAME puts on both sides of an axis; none for VALID. */
function sides(length: number, kernel: number, stride: number, out: number, padding: string): [number, number] {
  if (padding !== 'same') return [0, 0];
  const total = Math.max(0, (out - 1) * stride + kernel - length);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function windowOf(image: Shape, filter: Shape, out: Shape, attributes: WindowAttributes): Window {
  const [n, h, w, c] = image as [number, number, number, number];
  const [kh, kw] = filter as [number, number];
  const [, oh, ow, o] = out as [number, number, number, number];
  const {
    stride: [stride],
    padding,
  } = attributes;
  return {
    n,
    h,
    w,
    c,
    kh,
    kw,
    oh,
    ow,
    o,
    stride,
    rows: sides(h, kh, stride, oh, padding),
    columns: sides(w, kw, stride, ow, padding),
  };
}

/** Weights beyond this do not fit the cache, and reordering them costs more than the convolution of a small image. */
const LARGE_FILTER = 1 << 20;
const filterSize = ({ kh, kw, c, o }: Window): number => kh * kw * c * o;
const positions = ({ n, oh, ow }: Window): number => n * oh * ow;

/**
 * Whether the kernel is chosen here: planes with one stride on a CPU. Volumes have oneDNN's, which are the best, and so
 * has bfloat16.
 */
const isChosen = (emit: Emitter, { stride }: WindowAttributes): boolean =>
  emit.cpu && emit.element === 'float' && stride.length === 2 && stride[0] === stride[1];

/** conv: image [n, spatial, c], filter [kernel.., c, o]. */
export function emitConvolution(emit: Emitter, name: string, node: Node<'conv'>, [x, w]: readonly string[]): string {
  if (isChosen(emit, node.attributes)) {
    const win = windowOf(node.inputs[0].shape, node.inputs[1].shape, node.shape, node.attributes);
    if (win.o === 1 && win.stride === 1 && win.c >= 16) return tapsThenShifts(emit, name, win, x, w);
    if (win.n === 1 && win.c >= 16 && positions(win) > 16) return own(emit, name, [x, w], win);
  }
  const op = spatialRank(node.shape) === 3 ? 'Conv3D' : 'Conv2D';
  return emit.writer.node(name, op, [x, w], stock(emit, node.attributes));
}

/** dL/dfilter from the image and dL/dout. */
export function emitFilterGradient(
  emit: Emitter,
  name: string,
  node: Node<'convFilterGradient'>,
  [x, dy]: readonly string[],
): string {
  const shape = emit.ints(node.shape);
  if (isChosen(emit, node.attributes)) {
    const win = windowOf(node.inputs[0].shape, node.shape, node.inputs[1].shape, node.attributes);
    if (win.o === 1 && win.stride === 1 && win.kh <= 4 && win.c >= 16) return imageTimesTaps(emit, name, win, x, dy);
    if (filterSize(win) >= LARGE_FILTER && positions(win) <= 256) return patchesTimesOutput(emit, name, win, x, dy);
    const wide = win.stride === 1 && win.kh >= 3 && win.c >= 32;
    // With AVX-512 oneDNN's kernel for batches passes it.
    const turned = win.o === 1 || (win.n > 1 && !emit.avx512);
    if (wide && turned) return imageByOutput(emit, name, win, x, dy);
    if (
      (win.n === 1 && win.c >= 16 && (win.stride === 1 || win.kh === 3 || win.c >= 128)) ||
      (win.stride > 1 && win.kh === 3 && win.c >= 64)
    ) {
      return emit.writer.node(name, 'Conv2DBackpropFilter', [x, shape, dy], explicit(emit, win));
    }
  }
  const op = spatialRank(node.shape) === 3 ? 'Conv3DBackpropFilterV2' : 'Conv2DBackpropFilter';
  return emit.writer.node(name, op, [x, shape, dy], stock(emit, node.attributes));
}

/** dL/dimage from dL/dout and the filter; forward it is the transposed convolution. */
export function emitInputGradient(
  emit: Emitter,
  name: string,
  node: Node<'convInputGradient'>,
  [dy, w]: readonly string[],
): string {
  const shape = emit.ints(node.shape);
  if (isChosen(emit, node.attributes)) {
    const win = windowOf(node.shape, node.inputs[1].shape, node.inputs[0].shape, node.attributes);
    if (filterSize(win) >= LARGE_FILTER && positions(win) <= 64) return columnsThenShifts(emit, name, win, dy, w);
    if (win.c <= 4) return emit.writer.node(name, 'Conv2DBackpropInput', [shape, w, dy], explicit(emit, win));
  }
  if (isSlowInVolumes(emit, node)) return phasesThenSpread(emit, name, node, [dy, w]);
  if (spatialRank(node.shape) === 2)
    return emit.writer.node(name, 'Conv2DBackpropInput', [shape, w, dy], stock(emit, node.attributes));
  const attributes = { ...stock(emit, node.attributes), Tshape: { type: 'int32' } } as const;
  return emit.writer.node(name, 'Conv3DBackpropInputV2', [shape, w, dy], attributes);
}

function stock(emit: Emitter, { stride, padding }: WindowAttributes) {
  return { ...T(emit), strides: { ints: [1, ...stride, 1] }, padding: { text: padding.toUpperCase() } } as const;
}

/** Gradients with explicit paddings are TensorFlow's own kernels. */
function explicit(emit: Emitter, { stride, rows, columns }: Window) {
  return {
    ...T(emit),
    strides: { ints: [1, stride, stride, 1] },
    padding: { text: 'EXPLICIT' },
    explicit_paddings: { ints: [0, 0, ...rows, ...columns, 0, 0] },
  };
}

/** TensorFlow's own convolution. */
function own(
  emit: Emitter,
  name: string,
  operands: readonly [image: string, filter: string],
  { stride, rows, columns, dilation = 1 }: Pick<Window, 'stride' | 'rows' | 'columns'> & { dilation?: number },
): string {
  return emit.writer.node(name, 'Conv', operands, {
    ...T(emit),
    strides: { ints: [1, stride, stride, 1] },
    padding: { text: 'EXPLICIT' },
    explicit_paddings: { ints: [0, 0, ...rows, ...columns, 0, 0] },
    dilations: { ints: [1, dilation, dilation, 1] },
  });
}

type Zeros = readonly [before: number, after: number];

const padPlane = (emit: Emitter, x: string, rows: Zeros, columns: Zeros): string =>
  pad(emit, x, [0, 0, ...rows, ...columns, 0, 0]);
const product = (emit: Emitter, a: string, b: string, { left = false, right = false } = {}): string =>
  emit.writer.node(emit.name('product'), 'MatMul', [a, b], {
    ...T(emit),
    transpose_a: { bool: left },
    transpose_b: { bool: right },
  });
const addAll = (emit: Emitter, parts: readonly string[]): string =>
  parts.length === 1
    ? parts[0]
    : emit.writer.node(emit.name('total'), 'AddN', parts, { ...T(emit), N: { int: parts.length } });
/** [n,h',w',kh·kw·c]: what each window sees. */
const patches = (emit: Emitter, x: string, kh: number, kw: number, stride: number): string =>
  emit.writer.node(emit.name('patches'), 'ExtractImagePatches', [x], {
    ...T(emit),
    ksizes: { ints: [1, kh, kw, 1] },
    strides: { ints: [1, stride, stride, 1] },
    rates: { ints: [1, 1, 1, 1] },
    padding: { text: 'VALID' },
  });

/** The image within its zeros, cut to the rows and columns that a window reaches. */
function padded(
  emit: Emitter,
  { n, h, w, c, kh, kw, oh, ow, stride, rows, columns }: Window,
  x: string,
): { image: string; height: number; width: number } {
  const height = (oh - 1) * stride + kh;
  const width = (ow - 1) * stride + kw;
  const image = padPlane(
    emit,
    x,
    [rows[0], Math.max(0, height - h - rows[0])],
    [columns[0], Math.max(0, width - w - columns[0])],
  );
  const cut = height < h + rows[0] || width < w + columns[0];
  return { image: cut ? slice(emit, image, [0, 0, 0, 0], [n, height, width, c]) : image, height, width };
}

/** One output channel: a product with the filter's taps gives kh·kw planes, which are shifted and added. */
function tapsThenShifts(emit: Emitter, name: string, win: Window, x: string, w: string): string {
  const { n, c, kh, kw, oh, ow } = win;
  const { image, height, width } = padded(emit, win, x);
  const planes = reshape(
    emit,
    product(emit, reshape(emit, w, [kh * kw, c]), reshape(emit, image, [n * height * width, c]), { right: true }),
    [kh * kw, n, height, width],
  );
  const shifted: string[] = [];
  for (let i = 0; i < kh; i++)
    for (let j = 0; j < kw; j++) shifted.push(slice(emit, planes, [i * kw + j, 0, i, j], [1, n, oh, ow]));
  return reshape(emit, addAll(emit, shifted), [n, oh, ow, 1], name);
}

/** One output channel: the few taps of dL/dout are spread out instead of the many of the image. */
function imageTimesTaps(emit: Emitter, name: string, win: Window, x: string, dy: string): string {
  const { n, c, kh, kw } = win;
  const { image, height, width } = padded(emit, win, x);
  const taps = patches(emit, padPlane(emit, dy, [kh - 1, kh - 1], [kw - 1, kw - 1]), kh, kw, 1);
  const transposed = product(
    emit,
    reshape(emit, taps, [n * height * width, kh * kw]),
    reshape(emit, image, [n * height * width, c]),
    { left: true },
  );
  // A patch at p holds dy[p - (k-1) + a]: the tap k-1-a of the filter.
  const flipped = emit.writer.node(
    emit.name('flipped'),
    'ReverseV2',
    [transposed, emit.ints([0])],
    withIndex(emit, 'Tidx'),
  );
  return reshape(emit, flipped, [kh, kw, c, 1], name);
}

/** A small image under a large filter: the filter's gradient is written once, in its own order. */
function patchesTimesOutput(emit: Emitter, name: string, win: Window, x: string, dy: string): string {
  const { kh, kw, c, o, stride } = win;
  const count = positions(win);
  const seen = reshape(emit, patches(emit, padded(emit, win, x).image, kh, kw, stride), [count, kh * kw * c]);
  return reshape(emit, product(emit, seen, reshape(emit, dy, [count, o]), { left: true }), [kh, kw, c, o], name);
}

/** The filter's gradient is itself a convolution: of the image by dL/dout, channels and batch in each other's place. */
function imageByOutput(emit: Emitter, name: string, win: Window, x: string, dy: string): string {
  const turned = own(emit, emit.name('turned'), [transpose(emit, x, [3, 1, 2, 0]), transpose(emit, dy, [1, 2, 0, 3])], {
    stride: 1,
    rows: win.rows,
    columns: win.columns,
    dilation: win.stride,
  });
  return transpose(emit, turned, [1, 2, 0, 3], name);
}

/** A small image under a large filter: a product gives what each output sends back, which is laid out and added up. */
function columnsThenShifts(emit: Emitter, name: string, win: Window, dy: string, w: string): string {
  const { n, h, w: width, c, kh, kw, oh, ow, o, stride, rows, columns } = win;
  const count = positions(win);
  // The kernel in blocks of the stride: a block is one depth-to-space, and blocks lie a stride apart.
  const downs = Math.ceil(kh / stride);
  const acrosses = Math.ceil(kw / stride);
  let sent = reshape(
    emit,
    product(emit, reshape(emit, dy, [count, o]), reshape(emit, w, [kh * kw * c, o]), { right: true }),
    [count, kh, kw, c],
  );
  sent = padPlane(emit, sent, [0, downs * stride - kh], [0, acrosses * stride - kw]);
  // AddN wants equal shapes: every part is padded to the sum's, and the sum is cut to the image.
  const fullHeight = Math.max((oh + downs - 1) * stride, h + rows[0]);
  const fullWidth = Math.max((ow + acrosses - 1) * stride, width + columns[0]);
  const parts: string[] = [];
  for (let i = 0; i < downs; i++) {
    for (let j = 0; j < acrosses; j++) {
      let part = reshape(emit, slice(emit, sent, [0, i * stride, j * stride, 0], [count, stride, stride, c]), [
        n,
        oh,
        ow,
        stride * stride * c,
      ]);
      if (stride > 1)
        part = emit.writer.node(emit.name('spread'), 'DepthToSpace', [part], {
          ...T(emit),
          block_size: { int: stride },
        });
      parts.push(
        padPlane(emit, part, [i * stride, fullHeight - (i + oh) * stride], [j * stride, fullWidth - (j + ow) * stride]),
      );
    }
  }
  return slice(emit, addAll(emit, parts), [0, rows[0], columns[0], 0], [n, h, width, c], name);
}
