import { createImage, type Image } from '@lacuna/core';
import { finerPixelSize } from '@lacuna/datasets';
import {
  defaultMemory,
  planVolume,
  upscaleVolume,
  type VolumeModel,
  type VolumeSink,
  type VolumeSource,
} from '@lacuna/onnx';
import type { UpscaleModel } from '../upscale/open-model.js';
import { defaultOptions, type UpscaleOptions } from '../upscale/options.js';
import { openTogether, takesHead } from '../upscale/together.js';
import { tileOf } from '../upscale/enlarge-image.js';
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
    restore: (lr) =>
      enlargeInMemory(together.model, lr, { volumes: model.volume !== null, bytes: memory ?? defaultMemory() }),
    dispose: () => together.model.dispose(),
  };
}

/** A model of volumes takes a scan whole, one of planes each of its planes. */
async function enlargeInMemory(
  model: VolumeModel,
  lr: Image,
  { volumes, bytes }: { readonly volumes: boolean; readonly bytes: number },
): Promise<Restored> {
  const { width, height, depth, pixelSize } = lr;
  const [z, y, x] = model.factor;
  const fine = createImage({
    width: width * x,
    height: height * y,
    depth: depth * z,
    dataRange: [0, 1],
    pixelSize: pixelSize && finerPixelSize(pixelSize, { x, y, z }),
    name: lr.name,
  });
  const outputs = Array.from({ length: model.outputs }, () => new Float32Array(fine.data.length));
  const together = volumes ? depth : 1;
  const tile = tileOf({ ...model, channels: 1 }, { image: lr, volumes }, { bytes });
  const plan = planVolume([together, height, width], model, tile);
  for (let first = 0; first < depth; first += together) {
    const source: VolumeSource = {
      size: [together, height, width],
      readRows(plane, row, rows) {
        const from = ((first + plane) * height + row) * width;
        return Promise.resolve(lr.data.slice(from, from + rows * width));
      },
    };
    const sink: VolumeSink = (place, made) => {
      const from = ((first * z + place.z) * fine.height + place.y) * fine.width;
      made.forEach((values, k) => outputs[k].set(values, from));
    };
    await upscaleVolume(model, source, sink, plan);
  }
  const [data, network] = outputs;
  const image = { ...fine, data };
  return { image, map: network === undefined ? image : { ...fine, data: network } };
}
