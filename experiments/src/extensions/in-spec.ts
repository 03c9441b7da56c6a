import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { applySets, formatPlace, readTree, type Tree } from '@lacuna/sweep';
import { existingPath } from '../machine/workspace.js';
import { layout } from '../sweep/results/results.js';
import type { SweepSelection } from '../sweep/plan/selection.js';
import { loadExtensions, type Asked } from './load.js';
import type { ExtensionFile } from './registry.js';

/** Loads the extensions that a spec names, before it is planned: by `extends` and `--set` too. */
export async function loadExtensionsOfSpec({ spec, set }: Pick<SweepSelection, 'spec' | 'set'>): Promise<void> {
  const tree = applySets(readTree(existingPath(spec)), set);
  await loadExtensions(extensionsIn(tree));
}

/** What is no list of texts is told by the schema of specs. */
function extensionsIn(tree: Tree): Asked[] {
  const list = tree.kind === 'map' ? tree.entries.get('extensions')?.value : undefined;
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item) => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value === '') return [];
    const { file, line } = item.place;
    const base = line === 0 ? process.cwd() : dirname(file);
    return [{ file: resolve(base, item.value), by: `${formatPlace(item.place)}: extensions` }];
  });
}

/** Loads the extensions that the trials of a sweep's folder used, as their files are now. */
export async function loadExtensionsOfSweep(folder: string): Promise<void> {
  const trials = layout.trials(folder);
  const ids = existsSync(trials) ? readdirSync(trials) : [];
  for (const id of ids) await loadExtensionsOfTrial(layout.trial(folder, id));
}

/** Loads the extensions that a trial used, as their files are now. */
export async function loadExtensionsOfTrial(trial: string): Promise<void> {
  const path = layout.trialFile(trial);
  await loadExtensions(extensionsKept(path).map(({ file }) => ({ file, by: `${path}: extensions` })));
}

/** What cannot be read is told by who reads the trial. */
function extensionsKept(path: string): readonly ExtensionFile[] {
  try {
    const { extensions } = JSON.parse(readFileSync(path, 'utf8')) as { readonly extensions?: readonly ExtensionFile[] };
    return extensions ?? [];
  } catch {
    return [];
  }
}
