import { createImage, reflectIndex, type Image } from '@lacuna/core';
import { enlarge } from '@lacuna/datasets';
import { planesIn, type Pixels, type Slicing } from '@lacuna/models';
import { turnVolume, turnVolumeBack, turnedAxes, turnedBackAxes } from './turn-axes.js';

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

/** A plane with those beside it as channels, in their order; beyond the ends of the volume they are mirrored. */
export function planesAround(
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
