import { formatDuration, renderTable } from '@lacuna/sweep';
import { co2eGrams, describeEmissionFactor, type EmissionFactor } from '../sweep/results/emissions.js';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan/plan.js';
import { progressText } from '../sweep/run/trial-lines.js';
import type { TrialStanding } from './standings.js';

/** The order in which counts are told. */
const KINDS = [
  'running',
  'queued',
  'finished',
  'diverged',
  'pruned',
  'stopped',
  'failed',
  'cancelled',
  'none',
] as const;

/** `lacuna status`: counts, energy, and a line a trial. */
export function statusText(sweep: LacunaSweep, standings: readonly TrialStanding[]): string {
  const rows = standings.map((standing, i) => ({ standing, trial: sweep.trials[i] }));
  const table = renderTable(rows, [
    { title: 'trial', align: 'left', text: ({ trial }) => trial.name },
    { title: 'job', align: 'left', text: ({ standing }) => standing.job ?? '–' },
    { title: 'state', align: 'left', text: ({ standing }) => nameOf(standing.kind) },
    { title: '', align: 'left', text: ({ standing, trial }) => detailOf(standing, trial) },
  ]);
  return `${sweep.name}: ${countsOf(standings)}${energyOf(standings, sweep.common.energy)}\n\n${table}`;
}

function countsOf(standings: readonly TrialStanding[]): string {
  return KINDS.map((kind) => ({ kind, count: standings.filter((standing) => standing.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${nameOf(kind)}`)
    .join(', ');
}

const nameOf = (kind: TrialStanding['kind']): string => (kind === 'none' ? 'not submitted' : kind);

/** "; 1.25 MJ in 8 of 9 finished trials": those that could read no counter are not in the sum. */
function energyOf(standings: readonly TrialStanding[], factor: EmissionFactor | undefined): string {
  const finished = standings.flatMap(({ result }) => (result ? [result.cost.energy] : []));
  const joules = finished.flatMap((energy) => (energy.joules === null ? [] : [energy.joules]));
  if (joules.length === 0) return '';
  const sum = joules.reduce((total, value) => total + value, 0);
  const grams = co2eGrams(sum, factor);
  const emissions = grams === null ? '' : `, ${grams.toPrecision(3)} g CO2e at ${describeEmissionFactor(factor!)}`;
  return `; ${formatJoules(sum)} in ${joules.length} of ${finished.length} ended trials${emissions}`;
}

function formatJoules(joules: number): string {
  const units = ['J', 'kJ', 'MJ', 'GJ'];
  let at = 0;
  let value = joules;
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
  return `${value.toPrecision(3)} ${units[at]}`;
}

function detailOf({ kind, reason, record, result, job }: TrialStanding, trial: LacunaTrial): string {
  if (kind === 'running') {
    const own = record?.job === job && record.state === 'running' ? record : null;
    const where = reason === '' ? '' : `on ${reason}`;
    return [own?.progress ? progressText(trial, own.progress) : 'starting', where].filter(Boolean).join('  ');
  }
  if (kind === 'finished') {
    const seconds = result?.cost.trainSeconds ?? null;
    return seconds === null ? '' : formatDuration(seconds);
  }
  return reason;
}
