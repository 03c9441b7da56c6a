// Lacuna's side: reads `prepare NAME`, `run` and `sum`, one a line. `prepare` writes what the others read: NAME.onnx,
// and for PyTorch its ops and weights.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRng } from '../../../packages/core/dist/index.js';
import {
  Graph,
  buildGenerator,
  initialVariables,
  modelCost,
  modelSpec,
  sizeMultiple,
} from '../../../packages/models/dist/index.js';
import { decodeModel, exportOnnx, openSession } from '../../../packages/onnx/dist/index.js';

const [threads, side, folder] = process.argv.slice(2);
/** As the papers have them: FSRCNN and EDSR-baseline x2, the ResNet generator on the HR grid. */
const specs = { fsrcnn: { name: 'fsrcnn' }, edsr: { name: 'edsr' }, resnet: { name: 'resnet-generator' } };
const factor = 2;
const channels = 1;
const lrSide = Number(side) / factor;
let session = null;
let image = null;
let sr = null;

async function prepare(name) {
  await session?.dispose();
  const model = modelSpec.parse(specs[name]);
  const g = new Graph();
  const generator = (graph, lr) =>
    buildGenerator(graph, 'generator', lr, model, { factor, channels, training: false }).sr;
  generator(g, g.input('lr', [1, 64, 64, channels]));
  const weights = initialVariables(g, createRng(0));
  const { receptiveField } = modelCost(model, { factor, channels });
  const multiple = sizeMultiple(model, factor);
  const bytes = exportOnnx({
    generator,
    weights,
    metadata: {
      name,
      factor,
      channels,
      layout: 'nchw',
      multiple,
      receptiveField,
      range: [0, 1],
      normalisation: null,
      dataRange: null,
      level: null,
      pixelSize: null,
      licence: null,
      commit: null,
      spec: null,
      model: JSON.stringify(model),
      data: null,
    },
  });
  const rng = createRng(1);
  image = Float32Array.from({ length: lrSide * lrSide }, () => rng.uniform());
  writeFileSync(join(folder, `${name}.onnx`), bytes);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(planOf(decodeModel(bytes))));
  writeFileSync(join(folder, `${name}.raw`), image);
  session = await openSession(
    bytes,
    { name, factor, channels, layout: 'nchw', range: [0, 1], multiple, halo: null, bytesPerPixel: 1 },
    { device: 'cpu', threads: Number(threads) },
  );
}

/** Ops and numbers of an ONNX file as JSON, for a side that has no reader of ONNX. */
function planOf({ graph }) {
  const text = (bytes) => Buffer.from(bytes).toString('latin1');
  return {
    side: lrSide,
    numbers: graph.initializer.map(({ name, dims, dataType, rawData }) => ({
      name,
      dims: dims ?? [],
      type: dataType === 1 ? 'float32' : 'int64',
      data: Buffer.from(rawData).toString('base64'),
    })),
    nodes: graph.node.map(({ opType, input, output, attribute }) => ({
      op: opType,
      input,
      output: output[0],
      at: Object.fromEntries((attribute ?? []).map(({ name, f, i, s, ints }) => [name, f ?? i ?? ints ?? text(s)])),
    })),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, name] = line.split(' ');
  const start = performance.now();
  if (verb === 'prepare') await prepare(name);
  else if (verb === 'run') [sr] = await session.run(image, lrSide, lrSide);
  console.log(verb === 'sum' ? sr.reduce((sum, value) => sum + value, 0) / sr.length : performance.now() - start);
}
