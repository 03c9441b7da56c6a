import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  describeMemory,
  requireMemory,
  sweepMemory,
  trialsOnGpu,
  workersThatFit,
} from '../../src/sweep/checks/check-memory.js';
import { planSweep } from '../../src/sweep/plan/plan.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-memory-'));

/** Volumes; `small` has patches of its own. */
function plan(sets: readonly string[] = []) {
  const spec = join(folder, 'spec.yaml');
  writeFileSync(
    spec,
    `name: tiny
dimensions: 3
data: { source: lacunocanalicular, width: 96, height: 96, depth: 48, images: 3 }
degradation: { kind: confocal, factor: { x: 2, y: 2 }, photons: 100 }
split: { kind: specimen }
training: { patch: 24, batch: 8 }
model: { name: fsrcnn, upsampler: shuffle }
regime: { kind: paired }
methods: { bicubic: { regime: { kind: interpolation } }, large: {}, small: { training: { patch: 8, batch: 4 } } }
`,
  );
  return planSweep(spec, { sets, baseDir: folder });
}

const backend = { engine: 'tensorflow', device: 'CPU' } as const;
const memoryOf = (sets: readonly string[], bytes: number) =>
  sweepMemory(plan(sets).trials, backend, { bytes, of: 'memory' });
const refusal = (sets: readonly string[], bytes: number, workers = 1): string => {
  try {
    requireMemory(memoryOf(sets, bytes), { workers, backend, resolved: plan(sets).resolved });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const setsOf = (message: string): string[] =>
  [...message.matchAll(/--set (?:"([^"]+)"|(\S+))/g)].map(([, quoted, plain]) => quoted ?? plain);

it('is that of the largest step, and grows with the patches of a batch', () => {
  const { largest } = memoryOf([], 8e9);
  expect(largest?.trial.method).toBe('large');
  const half = memoryOf(['training.batch=4'], 8e9).largest!;
  const whole = memoryOf([], 8e9).largest!;
  const twice = memoryOf(['training.batch=16'], 8e9).largest!;
  expect((twice.bytes - whole.bytes) / (whole.bytes - half.bytes)).toBeCloseTo(2, 1);
  expect(describeMemory({ largest: { ...whole, bytes: 1.25e9 }, free: { bytes: 8e9, of: 'memory' } }, 2)).toBe(
    'memory of a training step: about 1.3 GB (large), 2 side by side 2.5 GB; 8.0 GB free',
  );
});

it('that is not there is refused with what fits, in a form that can be typed', () => {
  const { bytes } = memoryOf([], 8e9).largest!;
  expect(refusal([], bytes)).toBe('');
  const four = memoryOf(['training.batch=4'], 8e9).largest!.bytes;
  const fewer = refusal([], four);
  expect(fewer).toMatch(
    /^large: got training\.batch 8 of training\.patch 24 x 24 x 24: a step that needs about .* MB of memory/,
  );
  expect(setsOf(fewer)).toEqual(['training.batch=4']);
  expect(refusal(setsOf(fewer), four)).toBe('');
  // Where not even one patch fits: a smaller one.
  const one = memoryOf(['training.batch=1'], 8e9).largest!.bytes;
  const smaller = refusal([], one - 1);
  expect(setsOf(smaller)).toEqual(['training.batch=1', 'training.patch=18']);
  expect(refusal(setsOf(smaller), one - 1)).toBe('');
  // What a method has by itself is changed there.
  const own = refusal(['methods.small.training.batch=64', 'methods.small.training.patch=24'], 2 * bytes);
  expect(setsOf(own)).toEqual(['methods.small.training.batch=16']);
  expect(refusal([], 1e6)).toContain('take a smaller model, or a machine with more memory');
});

it('decides how many trials run side by side', () => {
  const { bytes } = memoryOf([], 8e9).largest!;
  expect(workersThatFit(memoryOf([], 2.5 * bytes), 4)).toBe(2);
  expect(workersThatFit(memoryOf([], 0.5 * bytes), 4)).toBe(1);
  expect(refusal([], 2.5 * bytes, 4)).toMatch(/^--workers: got 4 trials side by side of about .*; take --workers 2$/);
});

it('of a GPU says how many trials share one', () => {
  const { largest } = memoryOf([], 8e9);
  const on = (bytes: number) => ({ largest: { ...largest!, bytes: 3e9 }, free: { bytes, of: 'memory of a GPU' } });
  expect(trialsOnGpu(on(10e9), 8)).toBe(3);
  expect(trialsOnGpu(on(10e9), 2)).toBe(2);
  expect(trialsOnGpu(on(1e9), 2)).toBe(1);
});
