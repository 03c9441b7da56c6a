import { join } from 'node:path';
import { mapImage, writeStreamAtomic, type Image } from '@lacuna/core';
import { writeTiff } from '../formats/tiff/write.js';
import { networkGraphml, networkJson } from './network-files.js';
import type { SyntheticSpecimen } from './specimen.js';

/** Grey level of full intensity in 16-bit files: photon noise may pass it by 31 %. */
const FULL_INTENSITY = 50_000;

/**
 * Writes a specimen: `image.ome.tif` (16 bits, full intensity at {@link FULL_INTENSITY}), `mask.ome.tif` and
 * `skeleton.ome.tif` (8 bits, 0 and 255), `network.json` and `network.graphml`, all with sizes in µm. Each file
 * appears whole or not at all.
 * @returns the paths.
 */
export async function writeSpecimen(
  folder: string,
  { image, mask, skeleton, network }: SyntheticSpecimen,
): Promise<string[]> {
  const path = (name: string) => join(folder, name);
  const bytes = (plane: Image) => mapImage(plane, [0, 255], (value) => 255 * value);
  writeTiff(
    path('image.ome.tif'),
    mapImage(image, [0, 65535], (value) => FULL_INTENSITY * value),
    { type: 'uint16', metadata: 'ome' },
  );
  writeTiff(path('mask.ome.tif'), bytes(mask), { type: 'uint8', metadata: 'ome', compression: 'deflate' });
  writeTiff(path('skeleton.ome.tif'), bytes(skeleton), { type: 'uint8', metadata: 'ome', compression: 'deflate' });
  await writeStreamAtomic(path('network.json'), networkJson(network));
  await writeStreamAtomic(path('network.graphml'), networkGraphml(network));
  return ['image.ome.tif', 'mask.ome.tif', 'skeleton.ome.tif', 'network.json', 'network.graphml'].map(path);
}
