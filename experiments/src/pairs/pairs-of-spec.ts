import { join, resolve } from 'node:path';
import { describeFactor } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { requireEmptyFolder } from '../machine/new-folder.js';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan/plan.js';
import { prepareData } from '../trial/data/prepare.js';
import { writePairs } from './write-pairs.js';

/** Pairs of one point of a spec's axes. */
export interface WrittenPairs {
  readonly folder: string;
  readonly counts: Readonly<Record<'training' | 'validation' | 'test', number>>;
}

/**
 * Writes the pairs that a spec's trials are trained, validated and tested on, a folder for each kind of data among
 * them.
 * @throws {InputError} where the folder holds something.
 */
export async function writePairsOfSpec(
  sweep: LacunaSweep,
  { out, baseDir, onProgress }: { readonly out: string; readonly baseDir: string; onProgress: (text: string) => void },
): Promise<WrittenPairs[]> {
  const kinds = new Map<string, LacunaTrial>();
  for (const trial of sweep.trials) {
    const { data, dimensions, degradation, split, normalise } = trial.config;
    const key = canonicalJson([data, dimensions, degradation, split, normalise]);
    if (!kinds.has(key)) kinds.set(key, trial);
  }
  requireEmptyFolder(out);
  const names = new Set<string>();
  const written: WrittenPairs[] = [];
  for (const trial of kinds.values()) {
    const folder = kinds.size === 1 ? resolve(out) : join(resolve(out), nameOf(trial, names));
    const data = await prepareData(trial.config, { baseDir, onProgress });
    const { pairs } = writePairs(data, trial.config, { folder, roles: ['training', 'validation', 'test'] });
    const count = (role: string) => pairs.filter((pair) => pair.role === role).length;
    const counts = { training: count('training'), validation: count('validation'), test: count('test') };
    written.push({ folder, counts });
  }
  return written;
}

/** "retina-x4", and a number behind it where another kind has that name. */
function nameOf({ config }: LacunaTrial, taken: Set<string>): string {
  const base = `${config.data.source}-x${describeFactor(config.degradation.factor)}`.replace(/[^\w.-]+/g, '-');
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
  taken.add(name);
  return name;
}
