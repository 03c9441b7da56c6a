import { createImage, type Image } from '@lacuna/core';
import { finerPixelSize } from '@lacuna/datasets';
import { defaultMemory, type VolumeModel } from '@lacuna/onnx';
import type { UpscaleModel } from '../upscale/open-model.js';
import { defaultOptions, type UpscaleOptions } from '../upscale/options.js';
import { openTogether, takesHead } from '../upscale/together.js';
import { tileOf } from '../upscale/enlarge-image.js';
import { enlargeInMemory } from '../upscale/enlarge-in-memory.js';
import type { Restored, Restorer } from './read-network.js';

/**
 * Opens a model for scans of one channel in memory.
 * @param options.level that somebody names: networks are then read from the image, also where the model has a head.
 */
export async function openRestorer(
  model: UpscaleModel,
  options: Pick<UpscaleOptions, 'device' | 'threads' | 'memory'> & { readonly level: number | 'otsu' | null },
): Promise<Restorer> {
  const { device, threads, memory, level } = options;
  const how: UpscaleOptions = { ...defaultOptions, device, threads, network: { folder: null, level } };
  const together = await openTogether([model], how);
  return {
    device: together.device,
    readsHead: takesHead([model], how),
    restore: (lr) => restore(together.model, lr, { volumes: model.volume !== null, bytes: memory ?? defaultMemory() }),
    dispose: () => together.model.dispose(),
  };
}

/** A model of volumes takes a scan whole, one of planes each of its planes. */
async function restore(
  model: VolumeModel,
  lr: Image,
  { volumes, bytes }: { readonly volumes: boolean; readonly bytes: number },
): Promise<Restored> {
  const { width, height, depth, pixelSize } = lr;
  const [z, y, x] = model.factor;
  const tile = tileOf({ ...model, channels: 1 }, { image: lr, volumes }, { bytes });
  const [data, network] = await enlargeInMemory(model, lr, { together: volumes ? depth : 1, tile });
  const image = createImage({
    data,
    width: width * x,
    height: height * y,
    depth: depth * z,
    dataRange: [0, 1],
    pixelSize: pixelSize && finerPixelSize(pixelSize, { x, y, z }),
    name: lr.name,
  });
  return { image, map: network === undefined ? image : { ...image, data: network } };
}
