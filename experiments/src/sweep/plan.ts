import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { modelCost } from '@lacuna/models';
import { formatDuration, loadSweep, renderTable, type Sweep, type Trial } from '@lacuna/sweep';
import { isBaseline, isTrained, networkName } from './method.js';
import { commonSpec, trialSpec, type CommonSpec, type TrialSpec } from './spec.js';
import { estimateSeconds } from './throughput.js';
import { describeBackend, expectedBackend } from '../machine/workers.js';
import { RESULTS_VERSION } from '../machine/workspace.js';

/** A sweep of ours. */
export type LacunaSweep = Sweep<TrialSpec, CommonSpec>;
export type LacunaTrial = Trial<TrialSpec>;

/** Reads a spec and plans its trials. Relative folders of images are taken from `baseDir`. */
export function planSweep(
  path: string,
  options: { readonly sets: readonly string[]; readonly only?: readonly string[]; readonly baseDir: string },
): LacunaSweep {
  return loadSweep(path, {
    ...(options.only === undefined ? {} : { only: options.only }),
    trial: trialSpec,
    common: commonSpec,
    sets: options.sets,
    fingerprint: ({ data, regime }) => ({
      version: RESULTS_VERSION,
      data: folderFingerprint(data, options.baseDir),
      ...(regime.kind === 'onnx' ? { network: fileDigest(resolve(options.baseDir, regime.path)) } : {}),
    }),
    label: axisLabel,
  });
}

/** "x4", "retina", "training.patch 64": an axis value as names of trials show it. */
function axisLabel(field: string, value: unknown): string {
  if (field === 'degradation.factor') return `x${String(value)}`;
  if (field === 'data' && typeof value === 'object' && value !== null && 'source' in value) return String(value.source);
  return `${field.split('.').slice(-2).join('.')} ${JSON.stringify(value)}`;
}

/**
 * Names, sizes and times of a user's files: other images under the same name make other trials. Public data are pinned
 * by the registry.
 */
function folderFingerprint(data: TrialSpec['data'], baseDir: string): string | null {
  const folders = Object.values(data)
    .filter((value): value is string => typeof value === 'string')
    .map((value) => resolve(baseDir, value))
    .filter(isFolder);
  if (folders.length === 0) return null;
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      const { size, mtimeMs } = statSync(join(folder, name));
      hash.update(`${name}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** Another network under the same name makes other trials. */
function fileDigest(path: string): string | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile()
    ? createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
    : null;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The trials as a table: what `--dry-run` prints. */
export function describePlan(sweep: LacunaSweep, workers: number): string {
  const backend = expectedBackend();
  const rows = sweep.trials.map((trial) => {
    return { trial, cost: plannedCost(trial.config), time: estimateSeconds(trial.config, backend) };
  });
  const total = rows.reduce((sum, row) => sum + row.time.seconds, 0) / workers;
  const table = renderTable(rows, [
    { title: 'trial', align: 'left', text: ({ trial }) => trial.id },
    { title: 'name', align: 'left', text: ({ trial }) => trial.name },
    { title: 'model', align: 'left', text: ({ trial }) => networkName(trial.config) },
    { title: 'parameters', text: ({ cost }) => cost?.parameters.toLocaleString('en') ?? '–' },
    { title: 'GMACs at 720p', text: ({ cost }) => (cost ? (cost.macs720p / 1e9).toFixed(2) : '–') },
    {
      title: 'steps',
      text: ({ trial }) => (isTrained(trial.config.regime) ? String(trial.config.training.steps) : '0'),
    },
    { title: 'time', text: ({ time }) => `${time.measured ? '' : '~'}${formatDuration(time.seconds)}` },
  ]);
  const time = `about ${formatDuration(total)} on ${workers} worker${workers === 1 ? '' : 's'}`;
  const legend = '(~: from the work of the model, not yet measured here)';
  return `${sweep.trials.length} trials, ${time} with ${describeBackend(backend)} ${legend}\n\n${table}`;
}

/** What a method costs at inference; null for networks of others, which are not opened here. */
function plannedCost({ model, degradation, regime }: TrialSpec): { parameters: number; macs720p: number } | null {
  const { factor } = degradation;
  if (regime.kind === 'interpolation' || regime.kind === 'deconvolution') return { parameters: 0, macs720p: 0 };
  if (regime.kind === 'linear') return modelCost({ name: 'linear', kernel: regime.kernel }, { factor, channels: 1 });
  return isBaseline(regime) ? null : modelCost(model, { factor, channels: 1 });
}
