import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createTensorFlowEngine,
  describeModel,
  linearWeights,
  loadModel,
  modelSpec,
  writeTensorFile,
  type LinearFilter,
  type Pixels,
} from '../../src/index.js';

const engine = createTensorFlowEngine({ threads: 1 });

/** Applies a filter by the model that it becomes. */
export async function applied(filter: LinearFilter, lr: Pixels, tile = 32): Promise<Pixels> {
  const path = join(mkdtempSync(join(tmpdir(), 'lacuna-linear-')), 'best.safetensors');
  const model = modelSpec.parse({ name: 'linear', kernel: filter.kernel });
  writeTensorFile(path, {
    tensors: linearWeights(filter, 'generator'),
    metadata: describeModel({
      model,
      factor: filter.factor,
      channels: 1,
      ...(filter.planes === undefined
        ? {}
        : { slicing: { axis: 'z', neighbours: (filter.planes - 1) / 2, between: null } }),
    }),
  });
  const loaded = await loadModel(path, { engine, tile });
  const sr = await loaded.predict(lr);
  loaded.dispose();
  return sr;
}

/** The largest difference of two lists. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
