import { createHash } from 'node:crypto';
import { MlflowClient, where } from 'mlflow-ts-client';
import type { LacunaSweep } from '../sweep/plan/plan.js';
import { ownScores } from '../sweep/results/shown-scores.js';
import { headlineScores, shownMetrics } from '../trial/scores/scores.js';
import { buildComparison, comparisonAddress, experimentKindTag } from './comparison.js';
import { isMissing } from './probe.js';
import { PLANNED_TAG, SWEEP_TAG, TRIAL_TAG } from './sweep-identity.js';
import { gridImages } from './trial-run.js';

/** Where a sweep's runs are to be compared. */
export interface ComparedSweep {
  readonly uri: string;
  /** The sweep's identity in MLflow. */
  readonly identity: string;
  readonly signal: AbortSignal;
}

/**
 * Prepares the comparison of all trials that a sweep plans now, those of earlier runs of it too.
 * @returns its address, or null where the server has no such experiment.
 */
export async function prepareComparison(sweep: LacunaSweep, compared: ComparedSweep): Promise<string | null> {
  const client = new MlflowClient({ trackingUri: compared.uri, maxRetries: 1 }).cancelledBy(compared.signal);
  const experiment = await client.getExperimentByName(sweep.common.tracking.experiment).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (experiment === null) return null;
  const { experimentId } = experiment;
  await markPlanned(client, experimentId, sweep, compared.identity);
  const view = viewKey(compared.identity);
  for (const { key, value } of [comparisonOf(sweep, compared.identity, view), experimentKindTag])
    await client.setExperimentTag(experimentId, key, value);
  return comparisonAddress(compared.uri, experimentId, view);
}

/** Says of every run of the sweep whether its trial is planned now: the list of trials may have changed. */
async function markPlanned(
  client: MlflowClient,
  experimentId: string,
  sweep: LacunaSweep,
  identity: string,
): Promise<void> {
  const planned = new Set(sweep.trials.map(({ id }) => id));
  for await (const { info, data } of client.runs([experimentId], { filter: where.tag(SWEEP_TAG, '=', identity) })) {
    const wanted = planned.has(data.tags[TRIAL_TAG]) ? 'yes' : 'no';
    if (data.tags[PLANNED_TAG] !== wanted) await client.setTag(info.runId, PLANNED_TAG, wanted);
  }
}

/** The part of the address that names the view: of letters, digits and dashes, and short enough for a tag's name. */
function viewKey(identity: string): string {
  const plain = identity.replace(/[^A-Za-z0-9-]+/g, '-');
  // What was replaced must not make two sweeps one.
  const sum = plain === identity ? '' : `-${createHash('sha256').update(identity).digest('hex').slice(0, 6)}`;
  return `lacuna-${plain}${sum}`;
}

function comparisonOf(sweep: LacunaSweep, identity: string, view: string): ReturnType<typeof buildComparison> {
  const [first] = sweep.trials;
  const { evaluation } = first.config;
  const common = shownMetrics(evaluation).map(({ metric, name }) => ({ key: `test/${metric}`, name }));
  const own = ownScores(evaluation)
    .filter(({ metric }) => headlineScores().includes(metric))
    .map(({ metric, name }) => ({ key: `test_own_level/${metric}`, name: `${name}, own level` }));
  const metrics = [...common, ...own];
  const known = (metric: string) => metrics.find(({ key }) => key === `test/${metric}`);
  const parameters = { key: 'cost/parameters', name: 'Parameters' };
  const psnr = known('psnr');
  const clDice = known('cldice');
  return buildComparison({
    key: view,
    runTags: [
      { key: SWEEP_TAG, value: identity },
      { key: PLANNED_TAG, value: 'yes' },
    ],
    metrics,
    params: ['method', 'degradation.factor', 'seed', ...Object.keys(sweep.search?.spec.space ?? {})],
    scatters: [...(psnr && clDice ? [{ x: psnr, y: clDice }] : []), ...(clDice ? [{ x: parameters, y: clDice }] : [])],
    curves: [
      { key: 'train/loss', name: 'training loss' },
      ...(clDice ? [{ key: 'validation/cldice', name: 'validation clDice' }] : []),
      ...(psnr ? [{ key: 'validation/psnr', name: 'validation PSNR' }] : []),
    ],
    images: [gridImages.sr, gridImages.lr, gridImages.hr],
    imageStep: first.config.training.steps,
    orderBy: { metric: (clDice ?? metrics[0]).key, ascending: false },
  });
}
