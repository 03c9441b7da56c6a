import { writeJson } from '../machine/json-file.js';
import { isTrained } from '../sweep/spec/method.js';
import { layout, readResult, type Scores, type TrialResult } from '../sweep/results/results.js';
import { openTrialTracking } from '../tracking/trial-run.js';
import { applyUntrained } from './apply.js';
import type { MethodOutcome, TrialContext, TrialOptions } from './context.js';
import { EnergyMeter, type EnergyReading } from './energy.js';
import { keptData } from './data/kept-data.js';
import { keptRegistrations } from './data/kept-registrations.js';
import { keptSources } from './data/kept-sources.js';
import { MetricsLog } from './metrics-log.js';
import { beginPhase } from './phases.js';
import { prepareData, type PreparedData } from './data/prepare.js';
import { train } from './train.js';

/** How often the energy meter reads its counters. */
const SAMPLE_MS = 20_000;

/** How a trial ended. A stopped one has no result and goes on from its checkpoint. */
export interface TrialEnd {
  readonly status: MethodOutcome['status'];
  readonly reason?: string;
}

/**
 * One trial, top to bottom: data, a method that is trained or applied, the test split read once, results on disk and in
 * the tracking journal. A trial that has a result is not run again; one with a checkpoint goes on from it.
 */
export async function runTrial(options: TrialOptions): Promise<TrialEnd> {
  const earlier = readResult(options.folder);
  if (earlier) return endOf(earlier);
  const context = await openTrial(options, await loadData(options));
  const { log, tracking, spec } = context;
  const energy = new EnergyMeter({ share: options.energyShare });
  const sampling = setInterval(() => energy.sample(), SAMPLE_MS);
  sampling.unref();
  try {
    const outcome = isTrained(spec.regime) ? await train(context, spec.regime) : await applyUntrained(context);
    beginPhase('results');
    log.sync();
    if (outcome.status === 'stopped') {
      await tracking.suspend();
      return { status: 'stopped' };
    }
    const result = resultOf(options, { ...outcome, status: outcome.status }, energy.read());
    await tracking.finish(result);
    writeJson(layout.result(options.folder), result);
    return endOf(result);
  } catch (error) {
    await tracking.fail(error);
    throw error;
  } finally {
    clearInterval(sampling);
  }
}

const endOf = ({ status, reason }: TrialEnd): TrialEnd => ({ status, ...(reason === undefined ? {} : { reason }) });

async function loadData({ trial, baseDir, shared, onProgress }: TrialOptions): Promise<PreparedData> {
  const spec = trial.config;
  const tell = (note: string) =>
    onProgress({ step: 0, steps: spec.training.steps, loss: null, score: null, stepMs: null, note });
  tell('data');
  beginPhase('data');
  return keptData(spec, baseDir, async () => {
    const sources = keptSources(shared, baseDir);
    const source = sources.read(spec);
    const data = await prepareData(spec, {
      baseDir,
      onProgress: tell,
      registrations: keptRegistrations(shared),
      ...(source === null ? {} : { source }),
    });
    if (source === null) sources.keep(spec, data.source);
    return data;
  });
}

/** Opens a trial's curves and its run in the tracking journal. */
async function openTrial(options: TrialOptions, data: PreparedData): Promise<TrialContext> {
  const spec = options.trial.config;
  const log = new MetricsLog(layout.metrics(options.folder));
  const tracking = await openTrialTracking({ ...options, data });
  tracking.logPoints(log.earlier);
  return {
    options,
    spec,
    data,
    protocol: { evaluation: spec.evaluation, level: data.level, segment: data.segment },
    log,
    tracking,
    logPoints: (step, values) => tracking.logPoints(log.append(step, values)),
  };
}

/** Scores of a model that there is none of. */
const noScores: Scores = { values: {}, undefinedBecause: {}, protocol: '' };

function resultOf(
  { trial }: TrialOptions,
  outcome: MethodOutcome & { readonly status: TrialResult['status'] },
  energy: EnergyReading,
): TrialResult {
  return {
    id: trial.id,
    name: trial.name,
    group: trial.group,
    method: trial.method,
    seed: trial.seed,
    factor: trial.config.degradation.factor,
    status: outcome.status,
    ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
    ...(outcome.trainedOn === undefined ? {} : { trainedOn: outcome.trainedOn }),
    steps: outcome.steps,
    bestStep: outcome.bestStep,
    validation: outcome.validation ?? noScores,
    test: outcome.test ?? noScores,
    ...(outcome.ownLevel === undefined ? {} : { ownLevel: outcome.ownLevel }),
    ...(outcome.testOwnLevel === undefined ? {} : { testOwnLevel: outcome.testOwnLevel }),
    cost: { ...outcome.cost, energy },
    engine: outcome.engine,
    ...(outcome.ceiling ? { ceiling: outcome.ceiling } : {}),
  };
}
