import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { Graph, createProgram, openEngine, powerSpectrum } from '../src/index.js';

async function spectrum(values: Float32Array, shape: readonly number[]): Promise<Float32Array> {
  const engine = await openEngine({ prefer: 'cpu' });
  const g = new Graph();
  const executable = await engine.compile(
    createProgram(g, { run: { fetches: { out: powerSpectrum(g, g.input('x', shape)) } } }),
  );
  const { out } = await executable.run('run', { x: values });
  executable.dispose();
  return out;
}

describe('powerSpectrum', () => {
  it('is the sum over the image that defines it, of planes and volumes, of even and odd sides', async () => {
    for (const sizes of [
      [5, 4],
      [2, 3, 4],
    ]) {
      const count = sizes.reduce((product, length) => product * length, 1);
      const rng = createRng(count);
      const x = Float32Array.from({ length: count }, () => rng.uniform());
      const placeOf = (i: number) =>
        sizes.map((length, axis) => Math.floor(i / sizes.slice(axis + 1).reduce((a, b) => a * b, 1)) % length);
      const wanted = Array.from({ length: count }, (_, k) => {
        const frequency = placeOf(k).map((at, axis) => at - Math.floor(sizes[axis] / 2));
        let [real, imaginary] = [0, 0];
        x.forEach((value, i) => {
          const angle = placeOf(i).reduce(
            (sum, at, axis) => sum + (2 * Math.PI * frequency[axis] * at) / sizes[axis],
            0,
          );
          real += value * Math.cos(angle);
          imaginary -= value * Math.sin(angle);
        });
        return (real ** 2 + imaginary ** 2) / count;
      });
      const found = await spectrum(x, [1, ...sizes, 1]);
      found.forEach((value, k) => expect(value).toBeCloseTo(wanted[k], 4));
    }
  });
});
