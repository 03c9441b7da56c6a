import { describe, expect, it } from 'vitest';
import { sizeOf } from '@lacuna/models';
import { exportOnnx, importOnnx, readOnnxMetadata } from '../src/index.js';
import { fromHalf, toHalf } from '../src/proto/tensors.js';
import { catalogue, prepare, volumes } from './catalogue.js';
import { listingAt } from './listing.js';

describe('an exported file gives the graph again', () => {
  const planes = catalogue.map((entry) => [entry.title, entry] as const);
  const solids = volumes.map((entry) => [`${entry.title}, volumes`, entry] as const);
  it.each([...planes, ...solids])('%s', (_, entry) => {
    const options = prepare(entry);
    const bytes = exportOnnx(options);
    const back = importOnnx(bytes);
    const { multiple, channels, volume } = options.metadata;
    // At a size that the export never saw.
    const sizes = (volume?.multiple ?? [multiple, multiple]).map((each, i) => Math.ceil((20 + 8 * i) / each) * each);
    const shape = [1, ...sizes, channels];
    // Tied weights are written as the plain convolutions that they expand to; parity.test.ts holds those to the model.
    const isTied = 'symmetry' in entry.spec;
    const plain = isTied ? prepare({ ...entry, spec: { ...entry.spec, symmetry: undefined } }) : options;
    expect(listingAt(back.build, shape)).toEqual(listingAt(plain.generator, shape));
    expect(Object.keys(back.weights).sort()).toEqual(Object.keys(options.weights).sort());
    for (const [name, values] of Object.entries(options.weights))
      if (!isTied) expect(back.weights[name].values).toEqual(values);
    expect(back.metadata).toEqual(options.metadata);
    expect(readOnnxMetadata(bytes)).toEqual(options.metadata);
    const again = exportOnnx({ generator: back.build, weights: back.weights, metadata: back.metadata! });
    expect(Buffer.compare(again, bytes)).toBe(0);
  });

  it('with weights as float16, rounded once', () => {
    const options = prepare(catalogue[0]);
    const whole = exportOnnx(options);
    const bytes = exportOnnx({ ...options, precision: 'float16' });
    const back = importOnnx(bytes);
    expect(bytes.length).toBeLessThan(0.6 * whole.length);
    expect(listingAt(back.build, [1, 9, 11, 1])).toEqual(listingAt(options.generator, [1, 9, 11, 1]));
    for (const [name, given] of Object.entries(options.weights)) {
      const values = given as Float32Array;
      expect(back.weights[name].values).toEqual(values.map((value) => fromHalf(toHalf(value))));
      expect(sizeOf(back.weights[name].shape)).toBe(values.length);
    }
  });
});

describe('float16', () => {
  // IEEE 754 binary16: 11 significant bits, exponents -14 to 15, subnormal steps of 2^-24, ties to even.
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.996, 0x7bff],
    [65520, 0x7c00],
    [-1e9, 0xfc00],
    [Infinity, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -10, 0x3c01],
    [1 / 3, 0x3555],
  ])('%f is %i', (value, bits) => {
    expect(toHalf(value)).toBe(bits);
  });

  it('keeps every number that it can hold', () => {
    const lost = Array.from({ length: 0x7c00 }, (_, bits) => bits).filter((bits) => toHalf(fromHalf(bits)) !== bits);
    expect(lost).toEqual([]);
    expect(fromHalf(toHalf(NaN))).toBeNaN();
  });
});
