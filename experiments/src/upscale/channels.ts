import type { TileModel } from '@lacuna/onnx';

/** A model of one channel that takes each of an image's channels for itself. */
export function eachChannel(model: TileModel, channels: number): TileModel {
  if (channels === 1) return model;
  return {
    ...model,
    channels,
    async run(tile, height, width) {
      const count = height * width;
      const enlarged = count * model.factor * model.factor;
      const plane = new Float32Array(count);
      const outputs = Array.from({ length: model.outputs }, () => new Float32Array(enlarged * channels));
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < count; i++) plane[i] = tile[i * channels + c]!;
        const planes = await model.run(plane, height, width);
        planes.forEach((sr, k) => {
          const out = outputs[k];
          for (let i = 0; i < enlarged; i++) out[i * channels + c] = sr[i]!;
        });
      }
      return outputs;
    },
    reset: () => model.reset(),
    dispose: () => model.dispose(),
  };
}
