import { createRng } from '@lacuna/core';
import { expect, it } from 'vitest';
import {
  Graph,
  applyForwardModel,
  createProgram,
  createTensorFlowEngine,
  diceLoss,
  skeletonRecallLoss,
  softClDiceLoss,
  softSkeleton,
  type Tensor,
} from '../src/index.js';

const N = 2;
const D = 4;
const H = 5;
const W = 6;
const size = D * H * W;
const draw = (label: string) => {
  const rng = createRng(11).fork(label);
  return Float32Array.from({ length: N * size }, () => rng.uniform());
};
const p = draw('p');
const mask = draw('mask').map((value) => (value > 0.6 ? 1 : 0));
const engine = createTensorFlowEngine({ threads: 1 });

/** Runs what `build` makes of two batches of volumes. */
async function evaluate(build: (g: Graph, x: Tensor, y: Tensor) => Tensor, x = p, y = mask): Promise<Float32Array> {
  const g = new Graph();
  const shape = [N, D, H, W, 1];
  const out = build(g, g.input('x', shape), g.input('y', shape));
  const executable = await engine.compile(createProgram(g, { run: { fetches: { out } } }));
  const values = await executable.run('run', { x, y });
  executable.dispose();
  return values['out'];
}

/** Mean over the volumes of f, which is given sums over one volume. */
const perVolume = (f: (sum: (term: (i: number) => number) => number) => number): number => {
  const of = (n: number) =>
    f((term) => Array.from({ length: size }, (_, i) => term(n * size + i)).reduce((sum, value) => sum + value, 0));
  return (of(0) + of(1)) / N;
};

/** f's value over the 27 voxels around each, those inside the volume. */
function around(values: ArrayLike<number>, pick: (...near: number[]) => number): number[] {
  return Array.from({ length: N * size }, (_, i) => {
    const n = Math.floor(i / size);
    const [z, y, x] = [Math.floor(i / (H * W)) % D, Math.floor(i / W) % H, i % W];
    const near: number[] = [];
    for (let c = Math.max(0, z - 1); c <= Math.min(D - 1, z + 1); c++)
      for (let b = Math.max(0, y - 1); b <= Math.min(H - 1, y + 1); b++)
        for (let a = Math.max(0, x - 1); a <= Math.min(W - 1, x + 1); a++)
          near.push(values[n * size + (c * H + b) * W + a]);
    return pick(...near);
  });
}

it('Dice and skeleton recall sum over all three axes', async () => {
  const [dice] = await evaluate(diceLoss);
  const wanted = 1 - perVolume((sum) => (2 * sum((i) => p[i] * mask[i]) + 1) / (sum((i) => p[i] + mask[i]) + 1));
  expect(dice).toBeCloseTo(wanted, 5);
  const [recall] = await evaluate(skeletonRecallLoss);
  expect(recall).toBeCloseTo(1 - perVolume((sum) => (sum((i) => p[i] * mask[i]) + 1) / (sum((i) => mask[i]) + 1)), 5);
});

it('the soft skeleton of a bar three thick is its axis', async () => {
  const bar = new Float32Array(N * size);
  const axis = new Float32Array(N * size);
  const at = (n: number, z: number, y: number, x: number) => n * size + (z * H + y) * W + x;
  for (let n = 0; n < N; n++) {
    for (let z = 0; z < 3; z++) for (let y = 1; y < 4; y++) for (let x = 1; x < 5; x++) bar[at(n, z, y, x)] = 1;
    // What lies outside the volume is no background: the bar touches its top and is eroded from below alone.
    for (let z = 0; z < 2; z++) for (let x = 2; x < 4; x++) axis[at(n, z, 2, x)] = 1;
  }
  expect(await evaluate((g, x) => softSkeleton(g, x, 2), bar)).toEqual(axis);
});

it('soft clDice against an independent reckoning', async () => {
  const skeletonOf = (volume: ArrayLike<number>) => {
    const ridge = (f: ArrayLike<number>) =>
      around(around(f, Math.min), Math.max).map((opened, i) => Math.max(0, f[i] - opened));
    const eroded = around(volume, Math.min);
    const deeper = ridge(eroded);
    return ridge(volume).map((s, i) => s + Math.max(0, deeper[i] - s * deeper[i]));
  };
  const estimated = skeletonOf(p);
  const reference = skeletonOf(mask);
  const wanted = perVolume((sum) => {
    const precision = (sum((i) => estimated[i] * mask[i]) + 1) / (sum((i) => estimated[i]) + 1);
    const recall = (sum((i) => reference[i] * p[i]) + 1) / (sum((i) => reference[i]) + 1);
    return (2 * precision * recall) / (precision + recall);
  });
  const [got] = await evaluate((g, x, y) => softClDiceLoss(g, x, y, { iterations: 1 }));
  expect(got).toBeCloseTo(1 - wanted, 5);
});

it('the forward model acts along each axis by its own kernel, and leaves z where it has none', async () => {
  const half = { kernel: [0.5, 0.5], offset: 0 };
  const flat = await evaluate((g, x) => applyForwardModel(g, x, { x: half, y: { kernel: [1], offset: 0 } }, [1, 1, 2]));
  const deep = await evaluate((g, x) =>
    applyForwardModel(g, x, { x: half, y: { kernel: [1], offset: 0 }, z: half }, [2, 1, 2]),
  );
  const pairs = (n: number, z: number, y: number, x: number) => {
    const at = n * size + (z * H + y) * W + 2 * x;
    return (p[at] + p[at + 1]) / 2;
  };
  for (let n = 0; n < N; n++)
    for (let y = 0; y < H; y++)
      for (let x = 0; x < W / 2; x++) {
        for (let z = 0; z < D; z++) expect(flat[((n * D + z) * H + y) * (W / 2) + x]).toBeCloseTo(pairs(n, z, y, x), 5);
        for (let z = 0; z < D / 2; z++)
          expect(deep[((n * (D / 2) + z) * H + y) * (W / 2) + x]).toBeCloseTo(
            (pairs(n, 2 * z, y, x) + pairs(n, 2 * z + 1, y, x)) / 2,
            5,
          );
      }
});
