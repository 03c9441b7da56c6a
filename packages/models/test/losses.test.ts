import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  adversarialLoss,
  applyForwardModel,
  consistencyLoss,
  createProgram,
  createTensorFlowEngine,
  diceLoss,
  forwardMatrix,
  pixelLoss,
  skeletonRecallLoss,
  softClDiceLoss,
  softSkeleton,
  softThreshold,
  type Tensor,
} from '../src/index.js';

const H = 6;
const W = 7;
const N = 2;
const count = N * H * W;
const random = (label: string) => {
  const rng = createRng(11).fork(label);
  return Float32Array.from({ length: count }, () => rng.uniform());
};
const a = random('a');
const b = random('b');
const mask = random('mask').map((value) => (value > 0.6 ? 1 : 0));
const engine = createTensorFlowEngine({ threads: 1 });

/** Runs what `build` makes of two images. */
async function evaluate(build: (g: Graph, x: Tensor, y: Tensor) => Tensor, x = a, y = mask): Promise<Float32Array> {
  const g = new Graph();
  const executable = await engine.compile(
    createProgram(g, { run: { fetches: { out: build(g, g.input('x', [N, H, W, 1]), g.input('y', [N, H, W, 1])) } } }),
  );
  const { out } = await executable.run('run', { x, y });
  executable.dispose();
  return out;
}
const value = async (...input: Parameters<typeof evaluate>) => (await evaluate(...input))[0];
const mean = (f: (i: number) => number, n = count) =>
  Array.from({ length: n }, (_, i) => f(i)).reduce((sum, x) => sum + x, 0) / n;
/** Mean over the images of f(sum over the image). */
const perImage = (f: (sum: (term: (i: number) => number) => number) => number) =>
  mean((n) => f((term) => mean((i) => term(n * H * W + i), H * W) * H * W), N);

/** SSIM by its definition: Gaussian windows of 11 x 11, sigma 1.5, wherever they fit. */
function similarityOf(x: Float32Array, y: Float32Array, { width, height }: { width: number; height: number }): number {
  const offsets = Array.from({ length: 121 }, (_, i) => [Math.floor(i / 11), i % 11] as const);
  const raw = offsets.map(([i, k]) => Math.exp(-((i - 5) ** 2 + (k - 5) ** 2) / (2 * 1.5 ** 2)));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  const places = Array.from({ length: (height - 10) * (width - 10) }, (_, i) => i);
  const found = places.map((place) => {
    const top = Math.floor(place / (width - 10));
    const left = place % (width - 10);
    const local = (f: (at: number) => number) =>
      offsets.reduce((sum, [i, k], n) => sum + (raw[n] / total) * f((top + i) * width + left + k), 0);
    const [mx, my] = [local((at) => x[at]), local((at) => y[at])];
    const [vx, vy] = [local((at) => (x[at] - mx) ** 2), local((at) => (y[at] - my) ** 2)];
    const both = local((at) => (x[at] - mx) * (y[at] - my));
    return ((2 * mx * my + 1e-4) * (2 * both + 9e-4)) / ((mx ** 2 + my ** 2 + 1e-4) * (vx + vy + 9e-4));
  });
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

describe('the loss of DFCAN', () => {
  it('is the squares and a tenth of what SSIM lacks, in planes and volumes', async () => {
    const [width, height] = [14, 12];
    const image = (label: string) => {
      const rng = createRng(3).fork(label);
      return Float32Array.from({ length: width * height }, (_, i) => 0.5 + 0.3 * Math.sin(i / 9) + 0.2 * rng.uniform());
    };
    const [x, y] = [image('x'), image('y')];
    const similarity = similarityOf(x, y, { width, height });
    const squares = x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / x.length;
    const twice = (values: Float32Array) => Float32Array.from([...values, ...values]);
    const lossOf = async (shape: readonly number[], [a, b]: readonly Float32Array[]) => {
      const g = new Graph();
      const out = pixelLoss(g, 'mse-ssim', g.input('x', shape), g.input('y', shape));
      const executable = await engine.compile(createProgram(g, { run: { fetches: { out } } }));
      const { out: found } = await executable.run('run', { x: a, y: b });
      executable.dispose();
      return found[0];
    };
    expect(await lossOf([1, height, width, 1], [x, y])).toBeCloseTo(squares + 0.1 * (1 - similarity), 5);
    expect(await lossOf([1, 2, height, width, 1], [twice(x), twice(y)])).toBeCloseTo(
      squares + 0.1 * (1 - similarity),
      5,
    );
  });
});

describe('pixel losses against their formulas', () => {
  it.each([
    ['l1', (d: number) => Math.abs(d)],
    ['mse', (d: number) => d * d],
    ['charbonnier', (d: number) => Math.sqrt(d * d + 1e-6)],
  ] as const)('%s', async (kind, formula) => {
    expect(await value((g, x, y) => pixelLoss(g, kind, x, y), a, b)).toBeCloseTo(
      mean((i) => formula(a[i] - b[i])),
      5,
    );
  });
});

describe('adversarial losses against their formulas', () => {
  const logits = a.map((p) => 8 * p - 4);
  it.each([
    ['bce', true, (z: number) => -Math.log(1 / (1 + Math.exp(-z)))],
    ['bce', false, (z: number) => -Math.log(1 - 1 / (1 + Math.exp(-z)))],
    ['lsgan', true, (z: number) => (z - 1) ** 2],
    ['lsgan', false, (z: number) => z * z],
  ] as const)('%s, real %s', async (kind, real, formula) => {
    expect(await value((g, x) => adversarialLoss(g, kind, x, real), logits)).toBeCloseTo(
      mean((i) => formula(logits[i])),
      4,
    );
  });
  it('bce stays finite at logits of a thousand', async () => {
    expect(await value((g, x) => adversarialLoss(g, 'bce', x, false), new Float32Array(count).fill(1000))).toBe(1000);
  });
});

describe('network losses against their formulas', () => {
  it('soft threshold: a half at the threshold, sigmoid around it', async () => {
    const soft = await evaluate((g, x) => softThreshold(g, x, 0.4, 0.05));
    a.forEach((x, i) => expect(soft[i]).toBeCloseTo(1 / (1 + Math.exp(-(x - 0.4) / 0.05)), 4));
  });
  it('skeleton recall', async () => {
    expect(await value(skeletonRecallLoss)).toBeCloseTo(
      1 - perImage((sum) => (sum((i) => a[i] * mask[i]) + 1) / (sum((i) => mask[i]) + 1)),
      5,
    );
    expect(await value(skeletonRecallLoss, mask, mask)).toBeCloseTo(0, 6);
  });
  it('dice', async () => {
    expect(await value(diceLoss)).toBeCloseTo(
      1 - perImage((sum) => (2 * sum((i) => a[i] * mask[i]) + 1) / (sum((i) => a[i] + mask[i]) + 1)),
      5,
    );
    expect(await value(diceLoss, mask, mask)).toBeCloseTo(0, 6);
  });
  it('the soft skeleton of a bar three wide is its middle row', async () => {
    const bar = new Float32Array(count);
    const wanted = new Float32Array(count);
    // Rows 1 to 3, columns 1 to 5 of both images: eroded twice nothing is left.
    for (let n = 0; n < N; n++) for (let x = 1; x <= 5; x++) for (let y = 1; y <= 3; y++) bar[(n * H + y) * W + x] = 1;
    for (let n = 0; n < N; n++) for (let x = 2; x <= 4; x++) wanted[(n * H + 2) * W + x] = 1;
    expect(await evaluate((g, x) => softSkeleton(g, x, 2), bar)).toEqual(wanted);
  });
  it('soft clDice against an independent reckoning', async () => {
    const skeletonOf = (image: ArrayLike<number>) => {
      const around = (f: ArrayLike<number>, pick: (...values: number[]) => number) =>
        Array.from({ length: count }, (_, i) => {
          const n = Math.floor(i / (H * W));
          const y = Math.floor(i / W) % H;
          const x = i % W;
          const near: number[] = [];
          for (let v = Math.max(0, y - 1); v <= Math.min(H - 1, y + 1); v++)
            for (let u = Math.max(0, x - 1); u <= Math.min(W - 1, x + 1); u++) near.push(f[(n * H + v) * W + u]);
          return pick(...near);
        });
      const ridge = (f: ArrayLike<number>) =>
        around(around(f, Math.min), Math.max).map((opened, i) => Math.max(0, f[i] - opened));
      let eroded = Array.from(image);
      let skeleton = ridge(image);
      for (let k = 0; k < 2; k++) {
        eroded = around(eroded, Math.min);
        const d = ridge(eroded);
        skeleton = skeleton.map((s, i) => s + Math.max(0, d[i] - s * d[i]));
      }
      return skeleton;
    };
    const sp = skeletonOf(a);
    const sy = skeletonOf(mask);
    const wanted =
      1 -
      perImage((sum) => {
        const precision = (sum((i) => sp[i] * mask[i]) + 1) / (sum((i) => sp[i]) + 1);
        const recall = (sum((i) => sy[i] * a[i]) + 1) / (sum((i) => sy[i]) + 1);
        return (2 * precision * recall) / (precision + recall);
      });
    expect(await value((g, x, y) => softClDiceLoss(g, x, y, { iterations: 2 }))).toBeCloseTo(wanted, 5);
  });
});

describe('forward model', () => {
  it('blurs, then samples; the edge is repeated', () => {
    // LR sample i is 0.25 HR[2i-1] + 0.5 HR[2i] + 0.25 HR[2i+1].
    expect([...forwardMatrix({ kernel: [0.25, 0.5, 0.25], offset: -1 }, 4, 2)]).toEqual([
      0.75, 0.25, 0, 0, 0, 0.25, 0.5, 0.25,
    ]);
    expect(() => forwardMatrix({ kernel: [1], offset: 0 }, 5, 2)).toThrow(
      'forward model: got length 5, wanted a multiple of the factor 2',
    );
  });
  it('consistency is nil for what the scan shows, and its formula for the rest', async () => {
    const g = new Graph();
    const forward = { kernel: [0.5, 0.5], offset: 0 };
    const sr = g.input('sr', [1, 4, 4, 1]);
    const lr = g.input('lr', [1, 2, 2, 1]);
    const executable = await engine.compile(
      createProgram(g, {
        run: { fetches: { small: applyForwardModel(g, sr, forward, 2), loss: consistencyLoss(g, sr, lr, forward, 2) } },
      }),
    );
    const image = a.slice(0, 16);
    const boxes = Float32Array.from(
      [0, 2, 8, 10],
      (at) => (image[at] + image[at + 1] + image[at + 4] + image[at + 5]) / 4,
    );
    const exact = await executable.run('run', { sr: image, lr: boxes });
    boxes.forEach((wanted, i) => expect(exact['small'][i]).toBeCloseTo(wanted, 5));
    expect(exact['loss'][0]).toBeCloseTo(0, 6);
    expect((await executable.run('run', { sr: image, lr: boxes.map((v) => v + 0.25) }))['loss'][0]).toBeCloseTo(
      0.25,
      5,
    );
    executable.dispose();
  });
});
