import type { VolumeModel } from '@lacuna/onnx';

/** A model of one channel that takes each of an image's channels for itself. */
export function eachChannel(model: VolumeModel, channels: number): VolumeModel {
  if (channels === 1) return model;
  return {
    ...model,
    channels,
    async run(tile, size) {
      const count = tile.length / channels;
      const enlarged = model.factor.reduce((voxels, factor) => voxels * factor, count);
      const plane = new Float32Array(count);
      const outputs = Array.from({ length: model.outputs }, () => new Float32Array(enlarged * channels));
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < count; i++) plane[i] = tile[i * channels + c];
        const planes = await model.run(plane, size);
        planes.forEach((sr, k) => {
          const out = outputs[k];
          for (let i = 0; i < enlarged; i++) out[i * channels + c] = sr[i];
        });
      }
      return outputs;
    },
    reset: () => model.reset(),
    dispose: () => model.dispose(),
  };
}
