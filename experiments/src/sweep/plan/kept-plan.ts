import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '@lacuna/sweep';
import { withPoints } from '../../search/points-of-sweep.js';
import { existingPath } from '../../machine/workspace.js';
import { decidingSettings } from './identity.js';
import { modelLinks } from '../spec/model-links.js';
import { planSweep, type LacunaSweep, type LacunaTrial } from './plan.js';
import { layout } from '../results/results.js';
import type { SweepSelection } from './selection.js';
import { trialSpec } from '../spec/spec.js';
import { sweepFolder } from './sweep-folder.js';

/** A plan, and a line where its trials are not told by their images. */
export interface KeptPlan {
  readonly sweep: LacunaSweep;
  readonly note: string | null;
}

/**
 * Plans what a command names that reads results alone. Where the images are gone, from whose content the ids of trials
 * are made, trials are found by their settings among those that the sweep's folder keeps.
 * @throws {InputError} as planning does, but not for images that are not there where the folder keeps a trial.
 */
export function planKept(selection: SweepSelection): KeptPlan {
  const missing: string[] = [];
  const { spec, set, only, out } = selection;
  const planned = planSweep(existingPath(spec), {
    sets: set,
    baseDir: process.cwd(),
    ...(only === undefined ? {} : { only }),
    onMissing: (what) => missing.push(what),
  });
  const folder = sweepFolder(planned.name, out);
  const sweep = withPoints(planned, folder);
  if (missing.length === 0) return { sweep, note: null };
  const kept = keptTrials(folder);
  const trials = sweep.trials.map((trial) => ({ ...trial, id: kept.get(settingsOf(trial)) ?? trial.id }));
  const note = `note       the images are not there (${missing[0]}): trials are told by their settings in ${folder}`;
  return { sweep: { ...sweep, trials }, note };
}

/** What tells the trials of one sweep apart but for their images. */
function settingsOf({ config, seed }: Pick<LacunaTrial, 'config' | 'seed'>): string {
  const text = canonicalJson({ settings: decidingSettings(config), links: modelLinks(config), seed });
  return createHash('sha256').update(text).digest('hex');
}

/** Ids by settings: of two alike, the one that the sweep planned when it last ran, else the newer one. */
function keptTrials(folder: string): Map<string, string> {
  const planned = plannedIds(folder);
  const found = new Map<string, { id: string; planned: boolean; time: number }>();
  const there = existsSync(layout.trials(folder)) ? readdirSync(layout.trials(folder)) : [];
  for (const id of there) {
    const file = layout.trialFile(layout.trial(folder, id));
    const settings = settingsIn(file);
    if (settings === null) continue;
    const trial = { id, planned: planned.has(id), time: statSync(file).mtimeMs };
    const before = found.get(settings);
    if (before === undefined || isBefore(before, trial)) found.set(settings, trial);
  }
  return new Map([...found].map(([settings, { id }]) => [settings, id]));
}

function isBefore(one: { planned: boolean; time: number }, other: { planned: boolean; time: number }): boolean {
  return one.planned === other.planned ? one.time < other.time : other.planned;
}

/** The ids that `spec.json` lists; none in folders of sweeps from before it did. */
function plannedIds(folder: string): ReadonlySet<string> {
  const { trials } = readObject(join(folder, 'spec.json'));
  return new Set(Array.isArray(trials) ? trials.map(String) : []);
}

/** Null where the trial is of an earlier version, or its file was cut short. */
function settingsIn(file: string): string | null {
  const { config, seed } = (readObject(file)['trial'] ?? {}) as Record<string, unknown>;
  const parsed = trialSpec().safeParse(config);
  return parsed.success && typeof seed === 'number' ? settingsOf({ config: parsed.data, seed }) : null;
}

function readObject(path: string): Record<string, unknown> {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
