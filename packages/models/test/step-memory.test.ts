import { expect, it } from 'vitest';
import { Graph, buildRegime, createProgram, modelSpec, stepBytes, type Graph as Built } from '../src/index.js';

/** Bytes of a step of one action, less what a graph of its variables alone has. */
function valuesOf(build: (g: Built) => ReturnType<Built['relu']>): number {
  const g = new Graph();
  const program = createProgram(g, { step: { fetches: { out: build(g) } } });
  // 1.2 bytes for each byte of a value.
  return stepBytes(program, ['step'], 1) / (4 * 1.2);
}

it('counts values that are alive together, and each room once', () => {
  const input = (g: Built) => g.input('x', [1, 8, 8, 1]);
  // Each writes over the one before.
  expect(valuesOf((g) => g.tanh(g.relu(g.square(input(g)))))).toBeCloseTo(64, 6);
  expect(valuesOf((g) => g.reshape(g.relu(input(g)), [64]))).toBeCloseTo(64, 6);
  // exp has a room of its own, and the input is given up only then.
  expect(valuesOf((g) => g.exp(g.exp(g.exp(input(g)))))).toBeCloseTo(128, 6);
  // A value that is needed later stays: x, exp(x), exp(exp(x)).
  expect(
    valuesOf((g) => {
      const x = input(g);
      return g.mul(g.exp(g.exp(x)), x);
    }),
  ).toBeCloseTo(192, 6);
});

it('counts what convolutions of volumes take for each thread', () => {
  const bytesOf = (threads: number) => {
    const g = new Graph();
    const x = g.input('x', [1, 4, 8, 8, 2]);
    const out = g.conv(x, g.input('w', [3, 3, 3, 2, 4]), { stride: 1, padding: 'same' });
    return stepBytes(createProgram(g, { step: { fetches: { out } } }), ['step'], threads) / (4 * 1.2);
  };
  // 27 places of 2 channels for each of 8 x 8 outputs.
  expect(bytesOf(2) - bytesOf(1)).toBeCloseTo(27 * 2 * 64, 6);
  // Image, filter and result, and a copy of each.
  expect(bytesOf(0)).toBeCloseTo(2 * (256 * 2 + 54 * 4 + 256 * 4), 6);
});

it.each([
  ['planes', [16, 16], 2],
  ['volumes', [8, 8, 8], [1, 2, 2]],
] as const)('of training on %s doubles with the batch, less the weights', (_, patch, factor) => {
  const bytesOf = (batch: number) => {
    const model = modelSpec.parse({ name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle' });
    const { program } = buildRegime(
      { kind: 'paired', loss: 'l1' },
      {
        model,
        factor,
        channels: 1,
        batch,
        patch: [...patch],
        predictSize: [...patch],
        optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
        ema: null,
        threshold: null,
        forward: null,
      },
    );
    return stepBytes(program, ['step'], 1);
  };
  expect((bytesOf(16) - bytesOf(8)) / (bytesOf(8) - bytesOf(4))).toBeCloseTo(2, 2);
});
