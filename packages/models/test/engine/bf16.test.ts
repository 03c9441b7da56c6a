import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  conv,
  createProgram,
  createTensorFlowEngine,
  createTfjsEngine,
  gradients,
  sizeOf,
  whyNoBf16,
  type Precision,
  type Tensor,
} from '../../src/index.js';
import { cpuFlags } from '../../src/engine/cpu-flags.js';
import { writeProgram } from '../../src/engine/tensorflow/engine.js';

const here = whyNoBf16({ engine: 'tensorflow', device: 'CPU' });

/** The nearest number of 8 bits of significand; ties to the even one. */
function rounded(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = ((bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) & 0xffff0000) >>> 0;
  return new Float32Array(bits.buffer);
}

/** Largest difference, as a share of the largest value. */
function apart(got: Float32Array, wanted: Float32Array): number {
  const scale = wanted.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return got.reduce((max, value, i) => Math.max(max, Math.abs(value - wanted[i])), 0) / scale;
}

interface Case {
  readonly title: string;
  readonly image: readonly number[];
  readonly filter: readonly number[];
  readonly stride: number;
}

const cases: readonly Case[] = [
  { title: 'planes', image: [2, 13, 12, 16], filter: [3, 3, 16, 8], stride: 1 },
  { title: 'planes, stride 2', image: [1, 35, 34, 8], filter: [4, 4, 8, 24], stride: 2 },
  { title: 'volumes', image: [1, 5, 8, 9, 8], filter: [3, 3, 3, 8, 12], stride: 1 },
];

/** A convolution and its two gradients. */
function convolution({ image, filter, stride }: Case, precision: Precision) {
  const g = new Graph();
  const x = g.input('x', image);
  const w = g.input('w', filter);
  const y = g.conv(x, w, { stride, padding: 'same' });
  const upstream = g.input('dy', y.shape);
  const [dx, dw] = gradients(g, g.sum(g.mul(y, upstream)), [x, w]);
  const rng = createRng(3);
  const draw = ({ shape }: Tensor) => Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform() - 0.5);
  const feeds = { x: draw(x), w: draw(w), dy: draw(y) };
  return { program: createProgram(g, { all: { fetches: { y, dx, dw }, precision } }), feeds };
}

describe.skipIf(here !== null)('bf16', () => {
  it.each(cases)('$title: products of rounded operands, summed in float32, and rounded once', async (given) => {
    const engine = createTensorFlowEngine({ threads: 2 });
    const { program, feeds } = convolution(given, 'bf16');
    const exact = convolution(given, 'float32');
    const operands = Object.fromEntries(Object.entries(feeds).map(([key, values]) => [key, rounded(values)]));
    const got = await (await engine.compile(program)).run('all', feeds);
    const wanted = await (await engine.compile(exact.program)).run('all', operands);
    const unrounded = await (await engine.compile(exact.program)).run('all', feeds);
    for (const key of ['y', 'dx', 'dw']) {
      expect(rounded(got[key]), key).toEqual(got[key]);
      // Half a unit of 8 bits, and what another order of sums makes of it where it falls between two of them.
      expect(apart(got[key], wanted[key]), key).toBeLessThan(1.02 * 2 ** -8);
      expect(apart(got[key], unrounded[key]), key).toBeGreaterThan(1e-4);
    }
  });

  it('variables keep what bfloat16 cannot hold: a step of 2^-12 of a weight is not lost', async () => {
    const g = new Graph();
    const x = g.input('x', [1, 16, 16, 8]);
    const y = g.relu(conv(g, 'c', x, { filters: 8, kernel: 3 }));
    const w = g.read('c.weight');
    const [slope] = gradients(g, g.mean(y), [w]);
    const next = g.add(w, g.fill(2 ** -12, w.shape));
    const program = createProgram(g, {
      step: { fetches: { slope }, updates: [{ kind: 'assign', variable: 'c.weight', value: next }], precision: 'bf16' },
    });
    const executable = await createTensorFlowEngine({ threads: 2 }).compile(program);
    const start = new Float32Array(sizeOf(w.shape)).fill(1);
    await executable.write({ 'c.weight': start, 'c.bias': new Float32Array(8) });
    const feeds = { x: new Float32Array(16 * 16 * 8).fill(0.5) };
    for (let step = 0; step < 3; step++) await executable.run('step', feeds);
    const { 'c.weight': after } = await executable.read();
    expect(after.every((value) => value === 1 + 3 * 2 ** -12)).toBe(true);
  });

  const written = ({ program }: ReturnType<typeof convolution>) =>
    Buffer.from(writeProgram(program, { cpu: true })).toString('latin1');

  it.each([
    ['of few input channels', [1, 17, 16, 4], [3, 3, 4, 16]],
    ['of few positions under many weights', [1, 6, 5, 32], [4, 4, 32, 32]],
  ])('a convolution %s stays as it is, with the kernels chosen for it', (title, image, filter) => {
    const program = convolution({ title, image, filter, stride: 1 }, 'bf16');
    expect(written(program)).toBe(written(convolution({ title, image, filter, stride: 1 }, 'float32')));
    expect(written(convolution(cases[0], 'bf16'))).not.toBe(written(convolution(cases[0], 'float32')));
  });

  it('the largest filter of a discriminator, at 225 positions, is rounded', () => {
    const largest = { title: 'discriminator', image: [1, 18, 18, 16], filter: [4, 4, 16, 32], stride: 1 };
    expect(written(convolution(largest, 'bf16'))).not.toBe(written(convolution(largest, 'float32')));
  });

  it('what a rectifier gives is rounded once and read twice, and sums are of float32', () => {
    const g = new Graph();
    const x = g.input('x', [1, 16, 16, 8]);
    const y = g.relu(conv(g, 'a', x, { filters: 8, kernel: 3 }));
    const sum = g.add(x, conv(g, 'b', y, { filters: 8, kernel: 3 }));
    const program = createProgram(g, { all: { fetches: { sum, y }, precision: 'bf16' } });
    const text = Buffer.from(writeProgram(program, { cpu: true })).toString('latin1');
    // Down: x, two weights, two biases. Up: the sum's second part, and what is fetched of y.
    expect(text.match(/Cast/g)).toHaveLength(7);
  });
});

describe('where bf16 cannot be had', () => {
  const cpu = { engine: 'tensorflow', device: 'CPU' } as const;

  it('the processor says whether it multiplies bfloat16', () => {
    expect(whyNoBf16(cpu, new Set(['avx2', 'avx512f', 'avx512_bf16']))).toBeNull();
    expect(whyNoBf16(cpu, new Set(['avx2', 'amx_bf16']))).toBeNull();
    expect(whyNoBf16(cpu, new Set(['avx2', 'avx512f']))).toBe(
      'a processor without avx512_bf16 or amx_bf16 among its flags (/proc/cpuinfo)',
    );
    expect(whyNoBf16({ engine: 'tensorflow', device: 'GPU' }, new Set(['avx512_bf16']))).toContain('a GPU');
  });

  it('its flags are those of /proc/cpuinfo; none where there is no such file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'lacuna-flags-')), 'cpuinfo');
    writeFileSync(path, 'processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16\nbugs\t\t: spectre_v2\n\nprocessor\t: 1\n');
    expect([...cpuFlags(path)]).toEqual(['fpu', 'avx512f', 'avx512_bf16']);
    expect(cpuFlags(`${path}.gone`).size).toBe(0);
  });

  it('WebAssembly refuses it, and says what to do', async () => {
    const engine = await createTfjsEngine('wasm');
    await expect(engine.compile(convolution(cases[0], 'bf16').program)).rejects.toThrow(
      'action all: precision: got bf16 for the engine wasm, which knows float32 alone, wanted float32 here; bf16 ' +
        'takes TensorFlow on a CPU with avx512_bf16 or amx_bf16; set training.precision to float32, or leave it out',
    );
  });
});
