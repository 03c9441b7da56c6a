import type { Image } from '@lacuna/core';
import type { Pixels, Slicing } from '@lacuna/models';
import { enlargeByPlanes, planesAround } from './enlarge-by-planes.js';
import type { Pair } from '../data/pair.js';
import { imagesOf } from '../data/planes.js';
import { pixelsOf } from '../sr-images.js';
import { turnVolume, turnedAxes, type Axis } from './turn-axes.js';
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

/** Enlarges an image with a model of planes or of volumes: planes of a volume one by one, put together again. */
export async function enlargeWith(
  lr: Image,
  { slices }: View,
  predict: (lr: Pixels) => Promise<Pixels>,
): Promise<Pixels> {
  if (slices === null || (lr.depth === 1 && isPlain(slices))) return predict(pixelsOf(lr));
  return enlargeByPlanes({ ...pixelsOf(lr), depth: lr.depth }, slices, predict);
}
