import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { loadSweep, type PlanOptions } from '../src/index.js';

/** A small schema with what real ones have: a union by `name`, one by `kind`, defaults, a list. */
export const trial = z.strictObject({
  model: z.discriminatedUnion('name', [
    z.strictObject({ name: z.literal('fsrcnn'), filters: z.int().min(1).default(8) }),
    z.strictObject({ name: z.literal('unet'), levels: z.int().min(1).default(3) }),
  ]),
  loss: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('l1') }),
      z.strictObject({ kind: z.literal('huber'), delta: z.number().default(1) }),
    ])
    .prefault({ kind: 'l1' }),
  training: z
    .strictObject({
      steps: z.int().min(1).default(100),
      learningRate: z.number().default(0.001),
      fractions: z.array(z.number()).default([0.5, 0.5]),
    })
    .prefault({}),
});
export const common = z.strictObject({
  tracking: z.strictObject({ experiment: z.string().default('lacuna') }).prefault({}),
});

/** Writes files to a new folder and returns a path maker. */
export function specFolder(files: Readonly<Record<string, string>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-spec-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

export function load(
  path: string,
  options: Partial<
    Pick<PlanOptions<typeof trial, typeof common>, 'sets' | 'only' | 'fingerprint' | 'after' | 'objectives'>
  > = {},
) {
  return loadSweep(path, { trial, common, fingerprint: () => 1, ...options });
}

/** Plans one text. */
export const loadText = (text: string, options: Parameters<typeof load>[1] = {}) =>
  load(specFolder({ 'spec.yaml': text })('spec.yaml'), options);

/** The message of what `work` throws, without the folder. */
export function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message.replaceAll(/\S*\/lacuna-spec-\w+\//g, '');
  }
  throw new Error('nothing was thrown');
}
