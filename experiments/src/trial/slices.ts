import { createImage, reflectIndex, type Image } from '@lacuna/core';
import { enlarge } from '@lacuna/datasets';
import { planesIn, type Pixels, type Slicing } from '@lacuna/models';
import type { Pair } from './pair.js';
import { imagesOf } from './planes.js';
import { pixelsOf } from './sr-images.js';
import { turnVolume, turnVolumeBack, turnedAxes, turnedBackAxes, type Axis } from './turn-axes.js';
import { isPlain, type View } from './view.js';

/** A pair as a model sees it: a volume as it is, or each of its planes. Planes know no network of their own. */
export function pairsFor(pair: Pair, { slices }: View): Pair[] {
  if (slices === null || (pair.hr.depth === 1 && isPlain(slices))) return [pair];
  const { lr, hr } = volumesFor(pair, slices);
  const scans = imagesOf(lr, 2);
  const { box } = pair.region;
  const corner = turnedAxes(box, slices.axis);
  const step = slices.between?.factor ?? 1;
  return imagesOf(hr, 2).map((fine, z) => ({
    lr: withNeighbours(scans[z], lr, z, slices),
    hr: fine,
    forward: pair.forward,
    truth: null,
    region: {
      ...pair.region,
      hr: fine,
      box: {
        image: box.image,
        x: corner.x,
        y: corner.y,
        z: corner.z + z * step,
        width: fine.width,
        height: fine.height,
        depth: 1,
      },
    },
  }));
}

/** A pair with its planes one after another, fine ones where the coarse ones are. */
export function volumesFor({ lr, hr }: Pick<Pair, 'lr' | 'hr'>, { axis, between }: Slicing): { lr: Image; hr: Image } {
  const fine = turned(hr, axis);
  return { lr: turned(lr, axis), hr: between === null ? fine : atCentres(fine, between.factor) };
}

/** A volume whose planes are those that lie across an axis. */
function turned(image: Image, axis: Axis): Image {
  if (axis === 'z') return image;
  const { width, height, depth, pixelSize } = image;
  const lengths = { x: width, y: height, z: depth };
  const { x, y, z } = turnedAxes(lengths, axis);
  const size = pixelSize?.z === undefined ? null : turnedAxes({ ...pixelSize, z: pixelSize.z }, axis);
  return {
    ...image,
    data: turnVolume(image.data, lengths, axis),
    width: x,
    height: y,
    depth: z,
    pixelSize: size && { ...size, unit: pixelSize!.unit },
  };
}

/**
 * What a fine volume has at the centres of coarse planes: interpolation takes its planes to lie there. Between two fine
 * planes, where the factor is even, their mean.
 */
function atCentres(hr: Image, factor: number): Image {
  const count = hr.width * hr.height;
  const depth = hr.depth / factor;
  const data = new Float32Array(count * depth);
  for (let z = 0; z < depth; z++) {
    const below = (z * factor + Math.floor((factor - 1) / 2)) * count;
    const above = (z * factor + Math.floor(factor / 2)) * count;
    for (let i = 0; i < count; i++) data[z * count + i] = (hr.data[below + i] + hr.data[above + i]) / 2;
  }
  return { ...hr, data, depth };
}

/** A plane with those beside it as channels, in their order; beyond the ends of the volume they are mirrored. */
function withNeighbours(plane: Image, volume: Image, z: number, { neighbours }: Slicing): Image {
  if (neighbours === 0) return plane;
  return { ...plane, data: planesAround(volume.data, volume, z, neighbours), channels: 2 * neighbours + 1 };
}

function planesAround(
  data: Float32Array,
  { width, height, depth }: { readonly width: number; readonly height: number; readonly depth: number },
  z: number,
  neighbours: number,
): Float32Array {
  const count = width * height;
  const channels = data.length / (count * depth);
  const planes = planesIn({ neighbours });
  const out = new Float32Array(count * channels * planes);
  for (let k = 0; k < planes; k++) {
    const from = reflectIndex(z + k - neighbours, depth) * count * channels;
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < channels; c++) out[(i * planes + k) * channels + c] = data[from + i * channels + c];
    }
  }
  return out;
}

/** Enlarges an image with a model of planes or of volumes: planes of a volume one by one, put together again. */
export async function enlargeWith(
  lr: Image,
  { slices }: View,
  predict: (lr: Pixels) => Promise<Pixels>,
): Promise<Pixels> {
  if (slices === null || (lr.depth === 1 && isPlain(slices))) return predict(pixelsOf(lr));
  return enlargeByPlanes({ ...pixelsOf(lr), depth: lr.depth }, slices, predict);
}

/**
 * Enlarges a volume with a model of planes: each plane across an axis, with its neighbours on either side as channels
 * (mirrored beyond the ends, the edge not repeated). Where the axis itself grows, the planes between are interpolated.
 * @param predict may write over what it gave for the plane before.
 */
export async function enlargeByPlanes(
  lr: Pixels & { readonly depth: number },
  { axis, neighbours, between }: Slicing,
  predict: (plane: Pixels) => Promise<Pixels>,
): Promise<Pixels & { readonly depth: number }> {
  const { channels } = lr;
  const lengths = { x: lr.width, y: lr.height, z: lr.depth };
  const { x: width, y: height, z: depth } = turnedAxes(lengths, axis);
  const volume = turnVolume(lr.data, lengths, axis);
  let planes: Float32Array | null = null;
  let networks: Float32Array | null = null;
  let size = { width: 0, height: 0 };
  for (let z = 0; z < depth; z++) {
    const data = planesAround(volume, { width, height, depth }, z, neighbours);
    const sr = await predict({ data, width, height, channels: channels * planesIn({ neighbours }) });
    size = { width: sr.width, height: sr.height };
    planes ??= new Float32Array(sr.data.length * depth);
    planes.set(sr.data, z * sr.data.length);
    if (sr.network === undefined) continue;
    networks ??= new Float32Array(sr.network.length * depth);
    networks.set(sr.network, z * sr.network.length);
  }
  const put = (data: Float32Array, each: number) => {
    const stack = createImage({ data, ...size, depth, channels: each, dataRange: [0, 1] });
    const whole = between === null ? stack : enlargedAcross(stack, between);
    const found = { x: whole.width, y: whole.height, z: whole.depth };
    return { found, data: turnVolumeBack(whole.data, found, axis) };
  };
  const whole = put(planes!, channels);
  const { x, y, z } = turnedBackAxes(whole.found, axis);
  const network = networks === null ? {} : { network: put(networks, 1).data };
  return { data: whole.data, width: x, height: y, depth: z, channels, ...network };
}

const METHODS = { linear: 'bilinear', cubic: 'bicubic' } as const;

function enlargedAcross(stack: Image, { method, factor }: NonNullable<Slicing['between']>): Image {
  return enlarge(stack, { x: 1, y: 1, z: factor }, METHODS[method]);
}
