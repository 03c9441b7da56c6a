import { existsSync, readFileSync } from 'node:fs';
import { metricNames, metricOf } from '@lacuna/iqa';
import type { CostAxis, SearchData, SearchedPoint } from '../figures/types.js';
import type { LacunaSweep } from '../sweep/plan/plan.js';
import { layout, type TrialResult } from '../sweep/results/results.js';
import { scoreName, shownMetric } from '../trial/scores/scores.js';
import { foundBy, objectivesIn, type FoundPoint } from './found.js';

type Quantity = (result: TrialResult) => number | null;

/** Costs of the figure; of energy, where nothing measures it, the time stands in its place. */
const COSTS: readonly { readonly axis: CostAxis; readonly quantity: Quantity }[] = [
  { axis: { name: 'parameters' }, quantity: ({ cost }) => cost.parameters },
  { axis: { name: 'MACs', unit: '1280 x 720' }, quantity: ({ cost }) => cost.macs720p },
  { axis: { name: 'energy', unit: 'J' }, quantity: ({ cost }) => cost.energy.joules },
  { axis: { name: 'training time', unit: 's' }, quantity: ({ cost }) => cost.trainSeconds },
];
const SHOWN_COSTS = 3;

/** What the figures of a search show; none before a point has finished, and for sweeps that are none. */
export function searchesOf(sweep: LacunaSweep, folder: string): SearchData[] {
  const found = foundBy(sweep, folder);
  const finished = found?.points.filter(({ state }) => state === 'finished') ?? [];
  if (!found || finished.length === 0) return [];
  const { metric } = finished[0].trials[0].config.training.select;
  const objective = objectivesIn(found.spec).find((name) => name.startsWith(PREFIX)) ?? `${PREFIX}${metric}`;
  const score = objective.slice(PREFIX.length);
  const scoreOf = (point: FoundPoint) => meanOf(point, ({ validation }) => validation.values[score] ?? null);
  const costs = COSTS.filter(({ quantity }) => finished.some((point) => isPositive(meanOf(point, quantity))));
  const shown = costs.slice(0, SHOWN_COSTS);
  const isMinimised = found.spec.minimise.includes(objective);
  return [
    {
      title: `${sweep.name}: search by ${found.spec.kind}, ${found.points.length} points`,
      score: { ...scoreAxis(score), better: isMinimised ? 'lower' : 'higher' },
      costs: shown.map(({ axis }) => axis),
      methods: [...new Set(found.points.map(methodOf))],
      points: finished.flatMap((point): SearchedPoint[] => {
        const value = scoreOf(point);
        if (value === null) return [];
        const pairs = shown.map(({ axis, quantity }) => [axis.name, meanOf(point, quantity)] as const);
        const known = Object.fromEntries(pairs.filter((pair): pair is [string, number] => isPositive(pair[1])));
        return [{ label: `#${numberOf(point)}`, method: methodOf(point), score: value, costs: known }];
      }),
      history: found.points.flatMap((point) => {
        const value = scoreOf(point);
        const isFinished = point.state === 'finished';
        return value === null ? [] : [{ number: numberOf(point), method: methodOf(point), score: value, isFinished }];
      }),
      importances: readImportances(folder),
    },
  ];
}

const PREFIX = 'validation/';

/** The metric as other figures call it. */
function scoreAxis(score: string): CostAxis {
  const metric = metricNames.find((name) => scoreName(name) === score && metricOf(name) !== undefined);
  const { name, unit } = metric === undefined ? { name: score } : shownMetric(metric);
  return { name: `validation ${name}`, ...(unit === undefined ? {} : { unit }) };
}

const isPositive = (value: number | null): value is number => value !== null && value > 0;

const methodOf = ({ title }: FoundPoint): string => title.slice(0, title.lastIndexOf(' #'));
const numberOf = ({ title }: FoundPoint): number => Number(title.slice(title.lastIndexOf('#') + 1));

function meanOf({ results }: FoundPoint, quantity: Quantity): number | null {
  const values = results.map(quantity).filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What the study said of its fields when the search last ended. */
function readImportances(folder: string): SearchData['importances'] {
  const path = layout.importances(folder);
  if (!existsSync(path)) return [];
  const kept = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly objective: string;
    readonly shares: Readonly<Record<string, number>>;
  }[];
  return kept.map(({ objective, shares }) => ({
    objective,
    shares: Object.entries(shares)
      .map(([field, share]) => ({ field, share }))
      .sort((a, b) => b.share - a.share),
  }));
}
