// What one step of a regime is fed in benches: noise as patches, dropout masks that keep half.
import { createRng } from '../../packages/core/dist/index.js';
import { sizeOf } from '../../packages/models/dist/index.js';

export function stepFeeds(regime) {
  const rng = createRng(1);
  const feeds = {
    learningRate: Float32Array.of(1e-4),
    beta1Power: Float32Array.of(0.5),
    beta2Power: Float32Array.of(0.999),
  };
  for (const [key, shape] of Object.entries(regime.patches))
    feeds[key] = Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform());
  for (const [key, shape] of Object.entries(regime.dropout))
    feeds[key] = Float32Array.from({ length: sizeOf(shape) }, () => 2 * rng.integer(2));
  return feeds;
}
