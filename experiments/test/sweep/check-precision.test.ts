import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requirePrecision } from '../../src/sweep/checks/check-precision.js';
import { planSweep } from '../../src/sweep/plan/plan.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-precision-'));

function plan(sets: readonly string[] = []) {
  const spec = join(folder, 'spec.yaml');
  writeFileSync(
    spec,
    `name: tiny
data: { source: dentin, width: 96, height: 96, images: 3 }
degradation: { kind: confocal, factor: 2, photons: 100 }
split: { kind: specimen }
training: { patch: 24 }
model: { name: fsrcnn }
regime: { kind: paired }
methods: { bicubic: { regime: { kind: interpolation } }, small: {} }
`,
  );
  return planSweep(spec, { sets, baseDir: folder });
}

const backend = { engine: 'tensorflow', device: 'CPU' } as const;
const idsOf = (sets: readonly string[]) => Object.fromEntries(plan(sets).trials.map(({ method, id }) => [method, id]));

it('bf16 names another trial, and float32 is what a trial is without a word', () => {
  const before = idsOf([]);
  expect(idsOf(['training.precision=float32'])).toEqual(before);
  const after = idsOf(['training.precision=bf16']);
  expect(after['small']).not.toBe(before['small']);
  // Nothing is trained there.
  expect(after['bicubic']).toBe(before['bicubic']);
});

it('is refused before a sweep begins, naming the method that asks for it', () => {
  const { trials } = plan(['training.precision=bf16']);
  expect(() => requirePrecision(trials, backend, null)).not.toThrow();
  expect(() => requirePrecision(trials, backend, 'a processor without wings')).toThrow(
    'small: training.precision: got bf16 for a processor without wings, wanted float32 here; bf16 takes TensorFlow ' +
      'on a CPU with avx512_bf16 or amx_bf16; set training.precision to float32, or leave it out',
  );
  expect(() => requirePrecision(plan().trials, backend, 'a processor without wings')).not.toThrow();
});
