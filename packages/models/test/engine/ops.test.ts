import { createRng, type Rng } from '@lacuna/core';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  Graph,
  createProgram,
  gradients,
  ops,
  sizeOf,
  type Engine,
  type Executable,
  type OpName,
  type Shape,
} from '../../src/index.js';
import { engines } from './engines.js';
import { opCases, type OpCase } from './op-cases.js';

/**
 * Values in random order, 0.3 away from 0 and at least 0.008 from each other, within one input and between two:
 * no op has a kink or a tie within the differences taken below.
 */
function drawValues(shape: Shape, which: number, rng: Rng, values: OpCase['values']): Float32Array {
  const out = new Float32Array(sizeOf(shape));
  const half = Math.ceil(out.length / 2);
  for (let i = 0; i < out.length; i++) {
    const magnitude = 0.3 + 0.02 * (i % half) + 0.01 * which + 0.002 * rng.uniform();
    if (values === 'positive') out[i] = magnitude + 0.02 * (i - (i % half));
    else out[i] = i < half ? magnitude : -magnitude;
  }
  for (let i = out.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

/** The case as a program: `y`, and the slopes of Σ y·c in every input, for a fixed random c. */
function buildCase({ inputs: shapes, build, values }: OpCase, differentiable: boolean, rng: Rng) {
  const g = new Graph();
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape));
  const y = build(g, inputs);
  const weights = Float32Array.from({ length: sizeOf(y.shape) }, () => rng.uniform() - 0.5);
  const slopes = differentiable ? gradients(g, g.sum(g.mul(y, g.constant(weights, y.shape))), inputs) : [];
  const fetches = { y, ...Object.fromEntries(slopes.map((slope, i) => [`d${i}`, slope])) };
  const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, drawValues(shape, i, rng, values)]));
  return { g, program: createProgram(g, { forward: { fetches: { y } }, all: { fetches } }), feeds, weights };
}

async function prepare(engine: Engine, built: ReturnType<typeof buildCase>): Promise<Executable> {
  const executable = await engine.compile(built.program);
  await executable.write(
    Object.fromEntries([...built.g.variables.keys()].map((name) => [name, built.g.initialValues(name, createRng(1))])),
  );
  return executable;
}

function expectClose(got: Float32Array, wanted: Float32Array, tolerance: number, what: string): void {
  expect(got.length, what).toBe(wanted.length);
  const worst = got.reduce(
    (max, value, i) => Math.max(max, Math.abs(value - wanted[i]) / (1 + Math.abs(wanted[i]))),
    0,
  );
  expect(worst, what).toBeLessThan(tolerance);
}

const opened: Engine[] = [];
beforeAll(async () => {
  for (const { open } of engines) opened.push(await open());
});

test('every op of the registry has a case', () => {
  expect(Object.keys(opCases).sort()).toEqual(Object.keys(ops).sort());
});

describe.each(Object.keys(ops) as OpName[])('%s', (op) => {
  const differentiable =
    ops[op].gradient !== undefined ||
    op === 'input' ||
    op === 'constant' ||
    op === 'fill' ||
    op === 'variable' ||
    op === 'stopGradient';

  test('engines agree, and slopes are those of differences', async () => {
    for (const [k, opCase] of opCases[op].entries()) {
      const built = buildCase(opCase, differentiable, createRng(7).fork(`${op}/${k}`));
      // Side by side, as programs may.
      const [reference, ...others] = await Promise.all(opened.map((engine) => prepare(engine, built)));
      const wanted = await reference.run('all', built.feeds);
      for (const [i, other] of others.entries()) {
        const got = await other.run('all', built.feeds);
        // float32 kernels that sum in different orders, and polynomials for erf and tanh good to some 1e-6.
        for (const key of Object.keys(wanted))
          expectClose(got[key], wanted[key], 2e-5, `${op} case ${k}, ${key}, ${engines[i + 1].name}`);
        other.dispose();
      }
      if (differentiable) {
        const total = async (feeds: Record<string, Float32Array>) =>
          (await reference.run('forward', feeds))['y'].reduce((sum, value, i) => sum + value * built.weights[i], 0);
        const h = 2 ** -8;
        for (const name of Object.keys(built.feeds)) {
          const at = built.feeds[name];
          const slopes = wanted[name.replace('x', 'd')];
          const count = Math.min(at.length, 12);
          for (let n = 0; n < count; n++) {
            const i = Math.floor((n * at.length) / count);
            const moved = (step: number) => ({
              ...built.feeds,
              [name]: at.map((value, j) => (j === i ? value + step : value)),
            });
            const difference = ((await total(moved(h))) - (await total(moved(-h)))) / (2 * h);
            // Truncation h²·f'''/6 stays below 1e-3 for these functions, rounding below 2e-4.
            expect(
              Math.abs(difference - slopes[i]),
              `${op} case ${k}, ${name}[${i}]: ${slopes[i]} by rule, ${difference} by difference`,
            ).toBeLessThan(2e-3 * (1 + Math.abs(slopes[i])));
          }
        }
      }
      reference.dispose();
    }
  });
});
