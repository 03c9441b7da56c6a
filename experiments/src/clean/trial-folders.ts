import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSpool } from 'mlflow-ts-client';
import type { LacunaTrial } from '../sweep/plan/plan.js';
import { layout, readResult, type TrialResult } from '../sweep/results/results.js';

/** A trial as its folder tells of it; `trial` is null where its settings cannot be read. */
export interface TrialFolder {
  readonly id: string;
  readonly folder: string;
  readonly trial: LacunaTrial | null;
  readonly result: TrialResult | null;
  /** Whether something of it has not reached MLflow yet. */
  readonly undelivered: boolean;
}

/** Every trial that lies in a sweep's folder, those of earlier specs as well. */
export function readTrialFolders(sweep: string): TrialFolder[] {
  const trials = layout.trials(sweep);
  const ids = existsSync(trials) ? readdirSync(trials).sort() : [];
  return ids.map((id) => {
    const folder = layout.trial(sweep, id);
    return { id, folder, trial: settingsOf(folder), result: readResult(folder), undelivered: isUndelivered(folder) };
  });
}

function settingsOf(folder: string): LacunaTrial | null {
  try {
    return (JSON.parse(readFileSync(layout.trialFile(folder), 'utf8')) as { readonly trial: LacunaTrial }).trial;
  } catch {
    return null;
  }
}

function isUndelivered(folder: string): boolean {
  const spool = layout.spool(folder);
  if (!existsSync(spool)) return false;
  return openSpool(spool)
    .runs()
    .some(({ active, pendingBytes }) => active || pendingBytes > 0);
}

/** What the spec says of the sweep as it last ran. */
export interface PlannedNow {
  /** Trials of the last run, which `--only` may have narrowed. */
  readonly trials: ReadonlySet<string>;
  readonly methods: ReadonlySet<string>;
  readonly seeds: ReadonlySet<number>;
}

/** Null where `spec.json` cannot be read: nothing is then known to be superseded. */
export function readPlannedNow(sweep: string): PlannedNow | null {
  try {
    const { trials, resolved } = JSON.parse(readFileSync(join(sweep, 'spec.json'), 'utf8')) as {
      readonly trials: readonly string[];
      readonly resolved: { readonly methods: object; readonly seeds: readonly number[] };
    };
    return {
      trials: new Set(trials),
      methods: new Set(Object.keys(resolved.methods)),
      seeds: new Set(resolved.seeds),
    };
  } catch {
    return null;
  }
}
