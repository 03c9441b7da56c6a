import { createRng } from '@lacuna/core';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createTensorFlowEngine,
  engineInfo,
  initialVariables,
  openEngine,
  Graph,
  createProgram,
  zeros,
  type Engine,
  type Values,
} from '../../src/index.js';
import { engines } from './engines.js';
import { tinyNetwork } from './tiny-network.js';

async function trainTiny(
  engine: Engine,
  steps: number,
  onStep?: (step: number, live: number) => void,
): Promise<{ weights: Values; losses: number[] }> {
  const { graph, program, feedsAt } = tinyNetwork();
  const executable = await engine.compile(program);
  await executable.write(initialVariables(graph, createRng(3)));
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    losses.push((await executable.run('step', feedsAt(step)))['loss'][0]);
    onStep?.(step, executable.liveTensors());
  }
  const weights = await executable.read();
  executable.dispose();
  return { weights, losses };
}

describe.each(engines)('$name', ({ open }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });

  test('fetches and updates see the variables from before; reads as updated see them after', async () => {
    const g = new Graph();
    const a = g.weight('a', [2], zeros);
    const b = g.weight('b', [2], zeros);
    const x = g.input('x', [2]);
    const program = createProgram(g, {
      swap: {
        fetches: { before: g.add(a, g.fill(0, [2])), after: g.readUpdated('a'), fed: x },
        updates: [
          { kind: 'assign', variable: 'a', value: g.add(b, x) },
          { kind: 'assign', variable: 'b', value: a },
        ],
      },
    });
    const executable = await engine.compile(program);
    await executable.write({ a: Float32Array.of(1, 2), b: Float32Array.of(10, 20) });
    const first = await executable.run('swap', { x: Float32Array.of(100, 200) });
    expect([...first['before'], ...first['after'], ...first['fed']]).toEqual([1, 2, 110, 220, 100, 200]);
    await executable.run('swap', { x: Float32Array.of(0, 0) });
    const values = await executable.read();
    expect([...values['a'], ...values['b']]).toEqual([1, 2, 110, 220]);
    await executable.write({ b: Float32Array.of(7, 8) });
    expect([...(await executable.read(['b']))['b'], ...(await executable.read(['a']))['a']]).toEqual([7, 8, 1, 2]);
    executable.dispose();
  });

  test('mistakes of the caller are named', async () => {
    const { program } = tinyNetwork();
    const executable = await engine.compile(program);
    await expect(executable.run('stp', {})).rejects.toThrow(/action stp.*did you mean step\?/);
    await expect(executable.run('step', {})).rejects.toThrow(/action step: got feeds none, wanted a feed named/);
    await expect(executable.write({ 'net.in.weight': new Float32Array(3) })).rejects.toThrow(
      /variable net\.in\.weight: got 3 values, wanted 72 for \[3,3,1,8\]/,
    );
    await expect(executable.write({ nothing: new Float32Array(3) })).rejects.toThrow(/variable nothing/);
    executable.dispose();
  });

  test('no tensor is left from step 10 to step 1,000, nor after dispose', async () => {
    const g = new Graph();
    const w = g.weight('w', [3, 3, 1, 2], zeros);
    const x = g.input('x', [1, 4, 4, 1]);
    const y = g.relu(
      g.conv(
        g.pad(
          x,
          [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ],
          'reflect',
        ),
        w,
        { padding: 'valid' },
      ),
    );
    const program = createProgram(g, {
      step: {
        fetches: { loss: g.mean(y) },
        updates: [{ kind: 'assign', variable: 'w', value: g.add(w, g.scalar(0.001)) }],
      },
    });
    const executable = await engine.compile(program);
    const empty = executable.liveTensors();
    await executable.write({ w: new Float32Array(18) });
    const counts: number[] = [];
    for (let step = 1; step <= 1000; step++) {
      await executable.run('step', { x: new Float32Array(16).fill(1) });
      if (step === 10 || step === 1000) counts.push(executable.liveTensors());
    }
    expect(counts[1]).toBe(counts[0]);
    executable.dispose();
    expect(executable.liveTensors()).toBeLessThanOrEqual(empty);
  });
});

test('40 steps of AdamW with clipping and a running average end alike on every engine', async () => {
  const runs = [];
  for (const { open } of engines) runs.push(await trainTiny(await open(), 40));
  const [reference, ...others] = runs;
  expect(reference.losses[39]).toBeLessThan(0.5 * reference.losses[0]);
  for (const other of others) {
    for (const [name, wanted] of Object.entries(reference.weights)) {
      // Sums in other orders differ by some 1e-6 a step; Adam divides by the root of v, so that they grow.
      const worst = wanted.reduce((max, value, i) => Math.max(max, Math.abs(value - other.weights[name][i])), 0);
      expect(worst, name).toBeLessThan(1e-3);
    }
  }
});

test('two processes of TensorFlow give the same weights, bit for bit', () => {
  const script = fileURLToPath(new URL('./digest.mjs', import.meta.url));
  const run = () => execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim();
  const first = run();
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(run()).toBe(first);
});

test('the folder of the graph is gone once it is loaded', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`lacuna-graph-${process.pid}-`));
  const executable = await createTensorFlowEngine().compile(tinyNetwork().program);
  expect(folders()).toEqual([]);
  executable.dispose();
});

describe('openEngine', () => {
  test('takes TensorFlow where it is, and the preferred engine otherwise', async () => {
    const first = await openEngine();
    expect(first).toMatchObject({ kind: 'tensorflow', reason: null });
    expect(engineInfo(first)).toMatchObject({
      kind: 'tensorflow',
      libraryVersion: expect.stringMatching(/^2\./),
      oneDnn: true,
    });
    const plain = await openEngine({ prefer: 'cpu' });
    expect(plain).toMatchObject({ kind: 'cpu', reason: null });
    expect(engineInfo(plain)).toMatchObject({
      kind: 'cpu',
      device: 'CPU',
      package: '@tensorflow/tfjs-backend-cpu 4.22.0',
      libraryVersion: null,
    });
  });

  test('says what is missing where the binding is not built', () => {
    const script = fileURLToPath(new URL('./without-binding.mjs', import.meta.url));
    const { kind, reason } = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as {
      kind: string;
      reason: string;
    };
    expect(kind).toBe('wasm');
    expect(reason).toMatch(/^tfjs on WebAssembly, op by op, because TensorFlow: got /);
    expect(reason).toMatch(/, wanted its compiled binding and C library; run npm run setup/);
  });

  test('loads the binding, and not all of tfjs around it', () => {
    const script = fileURLToPath(new URL('./loaded-packages.mjs', import.meta.url));
    expect(JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }))).toEqual({
      kind: 'tensorflow',
      packages: ['@tensorflow/tfjs-node-gpu'],
    });
  });
});
