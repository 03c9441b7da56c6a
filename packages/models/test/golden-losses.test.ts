import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import {
  Graph,
  createProgram,
  createTensorFlowEngine,
  diceLoss,
  gradients,
  patchNce,
  softClDiceLoss,
  topologicalErrorLoss,
} from '../src/index.js';

interface Packed {
  readonly shape: readonly number[];
  readonly data: string;
}
interface Case {
  readonly name: string;
  readonly wanted: Packed;
  readonly probability: Packed;
  readonly labels: Packed;
  readonly topograph: number;
  readonly dice: number;
  readonly cldice: Readonly<Record<'1' | '3', number>>;
}

const file = readFileSync(new URL('./golden/network-losses.json', import.meta.url), 'utf8');
const { cases } = JSON.parse(file) as { cases: Case[] };
const bytesOf = ({ data }: Packed) => new Uint8Array(inflateSync(Buffer.from(data, 'base64'))).buffer;
const engine = createTensorFlowEngine({ threads: 1 });

it.each(cases)('losses against topolosses: $name', async (golden) => {
  const probability = new Float32Array(bytesOf(golden.probability));
  const bits = new Uint8Array(bytesOf(golden.wanted));
  const mask = probability.map((_, i) => (bits[i >> 3] >> (i & 7)) & 1);
  const labels = new Int32Array(bytesOf(golden.labels));
  const count = labels.reduce((most, label) => Math.max(most, label), 0);
  const sizes = labels.reduce((all, label) => ((all[label] += 1), all), new Int32Array(count + 1));
  const critical = Float32Array.from(labels, (label) => (label > 0 ? 1 / (count * sizes[label]) : 0));

  const g = new Graph();
  const shape = [1, ...golden.probability.shape, 1];
  const [p, y, weights] = ['p', 'y', 'weights'].map((name) => g.input(name, shape));
  const topology = topologicalErrorLoss(g, p, y, weights);
  const fetches = {
    topology,
    slope: gradients(g, topology, [p])[0],
    dice: diceLoss(g, p, y),
    cldice1: softClDiceLoss(g, p, y, { iterations: 1, erosion: 'cross' }),
    cldice3: softClDiceLoss(g, p, y, { iterations: 3, erosion: 'cross' }),
  };
  const executable = await engine.compile(createProgram(g, { run: { fetches } }));
  const run = (values: Float32Array) => executable.run('run', { p: values, y: mask, weights: critical });
  const got = await run(probability);
  // Topograph takes the sum over regions, this the mean.
  expect(got['topology'][0] * count).toBeCloseTo(golden.topograph, 4);
  expect(got['dice'][0]).toBeCloseTo(golden.dice, 5);
  expect(got['cldice1'][0]).toBeCloseTo(golden.cldice[1], 5);
  expect(got['cldice3'][0]).toBeCloseTo(golden.cldice[3], 5);
  for (const pixel of [labels.indexOf(1), labels.lastIndexOf(count), labels.indexOf(0)]) {
    const at = async (step: number) => {
      const moved = await run(probability.map((value, i) => (i === pixel ? value + step : value)));
      return moved['topology'][0];
    };
    expect(got['slope'][pixel]).toBeCloseTo(((await at(1e-2)) - (await at(-1e-2))) / 2e-2, 3);
  }
  executable.dispose();
});

it('PatchNCE and its gradients against PyTorch', async () => {
  const golden = JSON.parse(readFileSync(new URL('./golden/patch-nce.json', import.meta.url), 'utf8')) as {
    cases: [{ loss: number }, ...{ query: Packed; first: Packed }[]];
  };
  const [{ loss }, ...layers] = golden.cases;
  const wave = (count: number, phase: number, scale = 1) =>
    Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i + phase));
  const shapes = layers.map(({ query }) => query.shape);
  const g = new Graph();
  const made = shapes.map((shape, i) => g.input(`made.${i}`, shape));
  const of = shapes.map((shape, i) => g.input(`of.${i}`, shape));
  const found = patchNce(g, made, of, { temperature: 0.07, places: 16 });
  const first = shapes.map((_, i) => g.read(`layer.${i}.first.weight`));
  const slopes = gradients(g, found, [...made, ...of, ...first]);
  const fetches = Object.fromEntries(slopes.map((slope, i) => [`slope.${i}`, slope]));
  const executable = await engine.compile(createProgram(g, { run: { fetches: { loss: found, ...fetches } } }));
  await executable.write(
    Object.fromEntries(
      [...g.variables.values()].map(({ name, shape }) => {
        const layer = Number(name.split('.')[1]);
        const count = shape.reduce((product, length) => product * length, 1);
        return [name, name.endsWith('bias') ? new Float32Array(count) : wave(count, layer, 0.1)];
      }),
    ),
  );
  const feeds = shapes.flatMap((shape, i) => {
    const count = shape.reduce((product, length) => product * length, 1);
    return [
      [`made.${i}`, wave(count, i)],
      [`of.${i}`, wave(count, i + 0.5)],
    ];
  });
  const values = await executable.run('run', Object.fromEntries(feeds));
  executable.dispose();

  expect(values['loss'][0]).toBeCloseTo(loss, 4);
  const wanted = [
    ...layers.map(({ query }) => new Float64Array(bytesOf(query))),
    // The features of the original take no gradient.
    ...shapes.map((shape) => new Float64Array(shape.reduce((product, length) => product * length, 1))),
    ...layers.map((layer) => new Float64Array(bytesOf(layer.first))),
  ];
  wanted.forEach((each, i) => {
    const largest = each.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const furthest = each.reduce((most, value, at) => Math.max(most, Math.abs(value - values[`slope.${i}`][at])), 0);
    // float32 of products that the temperature makes fourteen times larger, against float64.
    expect(furthest, `gradient ${i}`).toBeLessThanOrEqual(1e-4 * largest);
  });
});
