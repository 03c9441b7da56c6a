import { describe, expect, it } from 'vitest';
import { createMask, evaluate, protocolId, type Intensities } from '../src/index.js';

/** Two level lines; the image shows the upper one alone. */
const width = 40;
const height = 24;
const line = (y: number, thick: number) => (i: number) => Math.abs(Math.floor(i / width) - y) <= thick;
const both = (thick: number) =>
  Uint8Array.from({ length: width * height }, (_, i) => (line(6, thick)(i) || line(16, thick)(i) ? 1 : 0));
const image: Intensities = {
  data: Float32Array.from({ length: width * height }, (_, i) => (line(6, 1)(i) ? 1 : 0)),
  width,
  height,
  depth: 1,
  channels: 1,
};
const truth = { mask: createMask(both(1), width, height), skeleton: createMask(both(0), width, height) };
const options = {
  dataRange: 1,
  threshold: 0.5,
  smoothing: 0,
  metrics: ['cldice_recall', 'cldice_precision', 'betti0_error', 'branch_recall'],
} as const;

describe('evaluate with a known network', () => {
  it('misses what the image never showed', () => {
    expect(evaluate(image, image, options).values).toEqual({
      cldice_recall: 1,
      cldice_precision: 1,
      betti0_error: 0,
      branch_recall: 1,
    });
    const { values } = evaluate(image, image, { ...options, truth });
    expect(values.cldice_recall).toBeCloseTo(0.5, 1);
    expect(values.branch_recall).toBeCloseTo(0.5, 1);
    expect([values.cldice_precision, values.betti0_error]).toEqual([1, 1]);
  });

  it('is another protocol', () => {
    expect(protocolId({ ...options, truth })).not.toBe(protocolId(options));
  });

  it('refuses a truth of another size', () => {
    const small = { mask: createMask(new Uint8Array(4), 2, 2), skeleton: createMask(new Uint8Array(4), 2, 2) };
    expect(() => evaluate(image, image, { ...options, metrics: ['dice'], truth: small })).toThrow(
      "evaluate: got a true mask of 2 x 2 x 1, wanted the reference's 40 x 24 x 1",
    );
  });
});
