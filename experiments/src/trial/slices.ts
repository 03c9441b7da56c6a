import type { Image } from '@lacuna/core';
import type { Pixels } from '@lacuna/models';
import type { Dimensions } from './dimensions.js';
import type { Pair } from './pair.js';
import { imagesOf } from './planes.js';
import { pixelsOf } from './sr-images.js';

/** A pair as a model sees it: a volume as it is, or each of its planes. Planes know no network of their own. */
export function pairsFor(pair: Pair, dimensions: Dimensions): Pair[] {
  if (dimensions === 3 || pair.hr.depth === 1) return [pair];
  const scans = imagesOf(pair.lr, 2);
  const { box } = pair.region;
  return imagesOf(pair.hr, 2).map((hr, z) => ({
    lr: scans[z],
    hr,
    forward: pair.forward,
    truth: null,
    region: { ...pair.region, hr, box: { ...box, z: box.z + z, depth: 1 } },
  }));
}

/** Enlarges an image with a model of planes or of volumes: planes of a volume one by one, put together again. */
export async function enlargeWith(
  lr: Image,
  dimensions: Dimensions,
  predict: (lr: Pixels) => Promise<Pixels>,
): Promise<Pixels> {
  if (dimensions === 3 || lr.depth === 1) return predict(pixelsOf(lr));
  const planes: Pixels[] = [];
  for (const plane of imagesOf(lr, 2)) planes.push(await predict(pixelsOf(plane)));
  const [first] = planes;
  const data = new Float32Array(first.data.length * planes.length);
  planes.forEach((plane, z) => data.set(plane.data, z * first.data.length));
  return { ...first, data, depth: planes.length };
}
