import { InputError } from '@lacuna/core';
import { describeFactor, factorField } from '@lacuna/datasets';
import {
  formatDuration,
  loadSweep,
  renderTable,
  type Column,
  type Search,
  type Sweep,
  type Trial,
} from '@lacuna/sweep';
import { objectivesOf } from '../../search/objectives.js';
import { linearModel } from '../../baseline/linear-kernel.js';
import { requireFittable } from '../../trial/closed-form.js';
import { costInView, plannedView } from '../../trial/view/view.js';
import { requireBreakable } from '../../trial/data/breakable.js';
import { plannedTeacher } from './planned-teacher.js';
import { requireTrainedModels } from '../checks/check-links.js';
import { requireComparedMethod } from './compared-method.js';
import { requireSelectable } from '../../trial/scores/validation-scores.js';
import { contentFingerprint, decidingSettings } from './identity.js';
import { methodOrder } from '../spec/method-order.js';
import { isBaseline, isTrained, networkName } from '../spec/method.js';
import { methodBefore } from '../spec/model-links.js';
import { commonSpec, trialSpec, type CommonSpec, type TrialSpec } from '../spec/spec.js';
import { estimateSeconds } from '../run/throughput.js';
import { describeBackend, expectedBackend } from '../../machine/workers.js';

/** A sweep of ours. */
export type LacunaSweep = Sweep<TrialSpec, CommonSpec>;
export type LacunaTrial = Trial<TrialSpec>;
type LacunaSearch = Search<TrialSpec>;

/** How a spec is planned. */
export interface PlanSweepOptions {
  readonly sets: readonly string[];
  readonly only?: readonly string[];
  /** Where relative folders of images start. */
  readonly baseDir: string;
  /** Told of images that are not there, in place of an error: the ids of their trials then mean nothing. */
  readonly onMissing?: (what: string) => void;
}

/** Reads a spec and plans its trials. */
export function planSweep(path: string, options: PlanSweepOptions): LacunaSweep {
  const sweep = loadSweep(path, {
    ...(options.only === undefined ? {} : { only: options.only }),
    trial: trialSpec(),
    common: commonSpec,
    sets: options.sets,
    identity: decidingSettings,
    fingerprint: contentFingerprint(options),
    label: axisLabel,
    objectives: objectivesOf,
    after: methodBefore,
  });
  const trials = sweep.trials.map(withFold);
  const search = sweep.search && withFolds(sweep.search);
  for (const { config } of [...trials, ...(search?.probes ?? [])]) {
    requireSelectable(config);
    requireFittable(config);
    requireBreakable(config);
  }
  requireTrainedModels(trials);
  if (search) requireNoMethodBefore(search);
  // With --only the method may be left out, and a search has none before it began: there is nothing to compare.
  if (options.only === undefined && !search) requireComparedMethod(sweep.common.compare.to, methodOrder(sweep));
  return { ...sweep, trials, search };
}

function withFolds(search: LacunaSearch): LacunaSearch {
  return {
    ...search,
    probes: search.probes.map(withFold),
    plan: (number, point) => search.plan(number, point).map(withFold),
  };
}

/** The trials that stand for a sweep while it is planned: all of them, or the corners of a search's space. */
export function plannedTrials({ trials, search }: LacunaSweep): readonly LacunaTrial[] {
  return search ? search.probes : trials;
}

/** How many trials a sweep has, at most. */
export function trialCount({ trials, search }: LacunaSweep): number {
  return search ? search.spec.trials * search.seeds.length : trials.length;
}

/** A method that a point leaves out has no trial to go on from. */
function requireNoMethodBefore({ probes }: LacunaSearch): void {
  for (const { method, config } of probes) {
    const before = methodBefore(config);
    if (before !== null) throw noMethodBefore(method, before.path);
  }
}

function noMethodBefore(method: string, path: readonly string[]): InputError {
  const field = path.slice(0, -2).join('.');
  return new InputError({
    who: `${method}: ${path.join('.')}`,
    got: 'weights of another method in a search, which draws one method a point',
    wanted: `${field}.from.file, or no ${field}`,
    remedy: 'train that method first and name its best.safetensors',
  });
}

/** Seeds go through the folds of a cross-validation: with as many seeds as folds every part is tested once. */
function withFold(trial: LacunaTrial): LacunaTrial {
  const { config, seed } = trial;
  if (config.split.kind !== 'folds' || config.split.fold !== undefined) return trial;
  return { ...trial, config: { ...config, split: { ...config.split, fold: seed % config.split.of } } };
}

/** "x4", "retina", "training.patch 64": an axis value as names of trials show it. */
function axisLabel(field: string, value: unknown): string {
  if (field === 'degradation.factor') return `x${describeFactor(factorField.parse(value))}`;
  if (field === 'data' && typeof value === 'object' && value !== null && 'source' in value) return String(value.source);
  return `${field.split('.').slice(-2).join('.')} ${JSON.stringify(value)}`;
}

/** The most threads that a trial of a sweep has. */
export const mostThreads = (sweep: LacunaSweep): number =>
  Math.max(...plannedTrials(sweep).map(({ config }) => config.training.threads));

/** The trials as a table: what `--dry-run` prints. */
export function describePlan(sweep: LacunaSweep, workers: number): string {
  const backend = expectedBackend();
  const byId = new Map(sweep.trials.map((trial) => [trial.id, trial]));
  const rows = sweep.trials.map((trial) => {
    const time = estimateSeconds(trial.config, backend, plannedTeacher(trial, byId));
    return { trial, cost: plannedCost(trial.config), time };
  });
  const listed = rows.reduce((sum, row) => sum + row.time.seconds, 0);
  const total = (listed / rows.length) * (trialCount(sweep) / workers);
  const table = renderTable(rows, [
    { title: 'trial', align: 'left', text: ({ trial }) => trial.id },
    { title: 'name', align: 'left', text: ({ trial }) => (sweep.search ? describeCorner(trial) : trial.name) },
    { title: 'model', align: 'left', text: ({ trial }) => networkName(trial.config) },
    { title: 'parameters', text: ({ cost }) => cost?.parameters.toLocaleString('en') ?? '–' },
    { title: 'GMACs at 720p', text: ({ cost }) => (cost ? (cost.macs720p / 1e9).toFixed(2) : '–') },
    {
      title: 'steps',
      text: ({ trial }) => (isTrained(trial.config.regime) ? String(trial.config.training.steps) : '0'),
    },
    ...afterColumn(sweep),
    { title: 'time', text: ({ time }) => `${time.measured ? '' : '~'}${formatDuration(time.seconds)}` },
  ]);
  const time = `about ${formatDuration(total)} on ${workers} worker${workers === 1 ? '' : 's'}`;
  const legend = '(~: from the work of the model, not yet measured here)';
  const what = sweep.search ? describeSearch(sweep.search) : `${sweep.trials.length} trials`;
  return `${what}, ${time} with ${describeBackend(backend)} ${legend}\n\n${table}`;
}

/** What a search will do; the table under it shows the corners of its space. */
function describeSearch({ spec, seeds }: LacunaSearch): string {
  const fields = Object.keys(spec.space).join(', ');
  const goal = [
    ...spec.maximise.map((name) => `largest ${name}`),
    ...spec.minimise.map((name) => `smallest ${name}`),
  ].join(' and ');
  const each = seeds.length > 1 ? ` of ${seeds.length} seeds` : '';
  const pruned = spec.prune ? `, pruned by ${spec.prune.kind}` : '';
  return `search by ${spec.kind} for the ${goal} over ${fields}: ${spec.trials} points${each}${pruned}`;
}

/** "geometry: training.batch 4, model.m 2" */
function describeCorner({ name, axes }: LacunaTrial): string {
  const values = Object.entries(axes).map(([path, value]) => `${path} ${JSON.stringify(value)}`);
  return values.length === 0 ? name : `${name}: ${values.join(', ')}`;
}

/** What trials go on from, where some do: those stand above them and are run before them. */
function afterColumn({ trials }: LacunaSweep): Column<{ readonly trial: LacunaTrial }>[] {
  if (trials.every(({ after }) => after === undefined)) return [];
  const names = new Map(trials.map(({ id, name }) => [id, name]));
  return [{ title: 'after', align: 'left', text: ({ trial }) => names.get(trial.after ?? '') ?? '' }];
}

/** What a method costs at inference; null for networks of others, which are not opened here. */
function plannedCost(spec: TrialSpec): { parameters: number; macs720p: number } | null {
  const { model, regime } = spec;
  const view = plannedView(spec);
  if (regime.kind === 'interpolation' || regime.kind === 'deconvolution') return { parameters: 0, macs720p: 0 };
  if (regime.kind === 'linear') return costInView(linearModel(regime, view.dimensions), spec, view);
  return isBaseline(regime) ? null : costInView(model, spec, view);
}
