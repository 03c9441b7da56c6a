import type { Image } from '@lacuna/core';
import { planVolume, upscaleVolume, type Axes, type VolumeModel, type VolumeSource } from '@lacuna/onnx';

/** How much of an image goes through a model at a time. */
export interface Portions {
  /** Planes that make one volume: all of them for a model of volumes, one for a model of planes. */
  readonly together: number;
  /** The longest tile along z, y, x. */
  readonly tile: Axes;
}

/**
 * Enlarges an image of one channel that is in memory, tile by tile.
 * @param lr values in [0, 1], [depth][height][width].
 * @returns for each of the model's outputs its values on the fine grid.
 */
export async function enlargeInMemory(
  model: VolumeModel,
  lr: Pick<Image, 'data' | 'width' | 'height' | 'depth'>,
  { together, tile }: Portions,
): Promise<Float32Array[]> {
  const { data, width, height, depth } = lr;
  const [timesDepth, timesHeight, timesWidth] = model.factor;
  const row = width * timesWidth;
  const rows = height * timesHeight;
  const outputs = Array.from({ length: model.outputs }, () => new Float32Array(row * rows * depth * timesDepth));
  const size: Axes = [together, height, width];
  const plan = planVolume(size, model, tile);
  for (let first = 0; first < depth; first += together) {
    const source: VolumeSource = {
      size,
      readRows(plane, y, count) {
        const from = ((first + plane) * height + y) * width;
        return Promise.resolve(data.slice(from, from + count * width));
      },
    };
    await upscaleVolume(
      model,
      source,
      (place, made) => {
        const from = ((first * timesDepth + place.z) * rows + place.y) * row;
        made.forEach((values, k) => outputs[k].set(values, from));
      },
      plan,
    );
  }
  return outputs;
}
