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
  sizeMultiples,
  sizeOf,
} from '../../../packages/models/dist/index.js';
import { decodeModel, exportOnnx, openSession, openVolumeSession } from '../../../packages/onnx/dist/index.js';

const [threads, side, folder] = process.argv.slice(2);
const half = Number(side) / 2;
/** Planes as the papers have them, x2, the ResNet generator on the HR grid; volumes as in tools/bench/train-step. */
const cases = {
  fsrcnn: { model: { name: 'fsrcnn' }, factor: [2, 2], lr: [half, half] },
  edsr: { model: { name: 'edsr' }, factor: [2, 2], lr: [half, half] },
  resnet: { model: { name: 'resnet-generator' }, factor: [2, 2], lr: [half, half] },
  fsrcnn3d: {
    model: { name: 'fsrcnn', d: 16, s: 8, m: 4, upsampler: 'shuffle' },
    factor: [1, 4, 4],
    lr: [32, half / 8, half / 8],
  },
  edsr3d: { model: { name: 'edsr', blocks: 12, filters: 24 }, factor: [3, 3, 3], lr: [30, half / 16, half / 16] },
  unet3d: { model: { name: 'unet', filters: 16, kernel: 3 }, factor: [1, 4, 4], lr: [16, half / 16, half / 16] },
};
const channels = 1;
let session = null;
let image = null;
let size = null;
let sr = null;

async function prepare(name) {
  await session?.dispose();
  const { factor, lr } = cases[name];
  const model = modelSpec.parse(cases[name].model);
  const g = new Graph();
  const generator = (graph, image) =>
    buildGenerator(graph, 'generator', image, model, { factor, channels, training: false }).sr;
  const multiple = sizeMultiples(model, factor);
  const fitting = multiple.map((each) => Math.ceil(32 / each) * each);
  generator(g, g.input('lr', [1, ...fitting, channels]));
  const weights = initialVariables(g, createRng(0));
  const { receptiveFields } = modelCost(model, { factor, channels });
  const isVolume = factor.length === 3;
  const volume = isVolume ? { volume: { factor, multiple, receptiveField: receptiveFields } } : {};
  const bytes = exportOnnx({
    generator,
    weights,
    metadata: {
      name,
      factor: factor.at(-1),
      channels,
      layout: 'nchw',
      multiple: multiple.at(-1),
      receptiveField: receptiveFields?.at(-1) ?? null,
      ...volume,
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
  size = lr;
  const rng = createRng(1);
  image = Float32Array.from({ length: sizeOf(size) }, () => rng.uniform());
  writeFileSync(join(folder, `${name}.onnx`), bytes);
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(planOf(decodeModel(bytes))));
  writeFileSync(join(folder, `${name}.raw`), image);
  const common = { name, channels, layout: 'nchw', range: [0, 1], halo: null, bytesPerPixel: 1 };
  const options = { device: 'cpu', threads: Number(threads) };
  session = isVolume
    ? await openVolumeSession(bytes, { ...common, factor, multiple }, options)
    : await openSession(bytes, { ...common, factor: factor[0], multiple: multiple[0] }, options);
}

const run = () => (size.length === 3 ? session.run(image, size) : session.run(image, size[0], size[1]));

/** What this process has computed, or the clock on the wall, ms. */
function milliseconds() {
  if (process.env.BENCH_CLOCK !== 'cpu') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** Ops and numbers of an ONNX file as JSON, for a side that has no reader of ONNX. */
function planOf({ graph }) {
  const text = (bytes) => Buffer.from(bytes).toString('latin1');
  return {
    size,
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
  const start = milliseconds();
  if (verb === 'prepare') await prepare(name);
  else if (verb === 'run') [sr] = await run();
  console.log(verb === 'sum' ? sr.reduce((sum, value) => sum + value, 0) / sr.length : milliseconds() - start);
}
