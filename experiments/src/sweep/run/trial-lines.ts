import { ProgressDisplay, formatDuration, type TrialMessage } from '@lacuna/sweep';
import { headlineScores } from '../../trial/scores/scores.js';
import type { LacunaSweep, LacunaTrial } from '../plan/plan.js';
import { layout, readResult, type TrialResult } from '../results/results.js';

/**
 * A line for each running trial, and one for each that ended: what a sweep prints.
 * @param onResult told of each trial that left a result.
 */
export function trialLines(
  sweep: LacunaSweep,
  folder: string,
  onResult: (trial: LacunaTrial, result: TrialResult) => void,
) {
  const lines = new ProgressDisplay();
  const byId = new Map(sweep.trials.map((trial) => [trial.id, trial]));
  // A search makes trials while it runs.
  const trialOf = (id: string): LacunaTrial => {
    const known = byId.get(id) ?? sweep.trials.find((trial) => trial.id === id)!;
    byId.set(id, known);
    return known;
  };
  const width = Math.max(0, ...sweep.trials.map((trial) => trial.name.length));
  const name = (id: string) => trialOf(id).name.padEnd(width);
  return {
    print: (line: string) => lines.print(line),
    onMessage(id: string, message: TrialMessage): void {
      if (message.kind === 'warning') lines.print(`${name(id)}  ${message.text}`);
      if (message.kind === 'progress') lines.update(id, { name: name(id), text: progressText(trialOf(id), message) });
    },
    onState(id: string, state: string, reason?: string): void {
      if (state === 'running') return;
      const result = readResult(layout.trial(folder, id));
      lines.end(id, { name: name(id), text: endText(state, result, reason) });
      if (result) onResult(trialOf(id), result);
    },
  };
}

type Progress = Extract<TrialMessage, { kind: 'progress' }>;

/** "step 10/400  loss 0.0508  best cldice 0.73  64 ms/step  25 s left" */
export function progressText(
  trial: LacunaTrial,
  { step, steps, loss, score, stepMs, note }: Omit<Progress, 'kind'>,
): string {
  if (note) return note;
  const parts = [`step ${step}/${steps}`];
  if (loss !== null) parts.push(`loss ${loss.toPrecision(3)}`);
  if (score !== null) parts.push(`best ${trial.config.training.select.metric} ${score.toPrecision(4)}`);
  if (stepMs !== null) {
    const left = formatDuration(((steps - step) * stepMs) / 1000);
    parts.push(`${stepMs.toFixed(0)} ms/step`, `${left} left`);
  }
  return parts.join('  ');
}

/** "finished  validation psnr 25.66  cldice 0.7322  8 s" */
function endText(state: string, result: TrialResult | null, reason = ''): string {
  const scores = Object.entries(result?.status === 'finished' ? result.validation.values : {})
    .filter(([metric]) => headlineScores().includes(metric))
    .map(([metric, value]) => `${metric} ${value === null ? '–' : value.toPrecision(4)}`)
    .join('  ');
  const seconds = result?.cost.trainSeconds ?? null;
  const time = seconds === null ? '' : formatDuration(seconds);
  return [state, reason, scores === '' ? '' : `validation ${scores}`, time].filter((part) => part !== '').join('  ');
}
