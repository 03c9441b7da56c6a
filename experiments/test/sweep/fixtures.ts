import type { LacunaTrial } from '../../src/sweep/plan/plan.js';
import type { Comparison } from '../../src/sweep/results/comparison.js';
import type { Scores, TestScores, TrialResult } from '../../src/sweep/results/results.js';
import { commonSpec, trialSpec } from '../../src/sweep/spec/spec.js';

/** Values of clDice, a number for each test region. */
type Regions = readonly (number | null)[];

const meanOf = (values: Regions): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** Scores of clDice over regions. */
export const scoresOf = (cldice: Regions, name = 'cldice'): Scores => ({
  values: { [name]: meanOf(cldice) },
  undefinedBecause: {},
  protocol: 'test',
  cases: cldice.map((value, i) => ({ name: `region ${i}`, values: { [name]: value } })),
});

/** A finished trial by its scores of clDice at the common level and at its own. */
export function resultOf(
  method: string,
  seed: number,
  options: { common: Regions; own?: Regions; validation?: number; joules?: number },
): TrialResult {
  const { common, own, validation = 0.5, joules } = options;
  return {
    id: `${method}-${seed}`,
    name: method,
    group: method,
    method,
    seed,
    factor: 4,
    status: 'finished',
    steps: 10,
    bestStep: 10,
    validation: { values: { cldice: validation }, undefinedBecause: {}, protocol: 'test' },
    test: scoresOf(common),
    ...(own === undefined ? {} : { ownLevel: { level: 0.25, clDice: 0.9 }, testOwnLevel: scoresOf(own) }),
    engine: 'tensorflow',
    cost: {
      parameters: 1000,
      macs720p: 1e9,
      macsPerPixel: 1,
      receptiveField: 9,
      trainSeconds: method === 'foreign' ? null : 60,
      stepMs: 1,
      dataWaitShare: 0,
      energy: joules === undefined ? { joules: null, reason: 'no counter' } : { joules, source: 'RAPL' },
    },
  };
}

/** A comparison of results on synthetic dentin; methods whose name begins with geometry are of that regime. */
export function comparisonOf(
  results: readonly TrialResult[],
  options: {
    ceiling?: TestScores;
    compare?: Partial<Comparison['compare']>;
    energy?: Comparison['energy'];
    title?: string;
    metrics?: string[];
  } = {},
): Comparison {
  const { ceiling, compare = {}, energy, title = 'dentin, x4', metrics = ['cldice'] } = options;
  const trials = results.map(({ id, method, seed }): LacunaTrial => {
    const kind = method.startsWith('geometry') ? 'geometry' : 'paired';
    const config = trialSpec().parse({
      data: { source: 'dentin', width: 64, height: 64 },
      degradation: { kind: 'bicubic', factor: 4 },
      model: { name: 'fsrcnn' },
      regime: { kind },
      training: { select: { metric: 'cldice' } },
      evaluation: { metrics },
    });
    return { id, name: method, group: method, method, axes: {}, seed, config };
  });
  const ceilings = ceiling ? [ceiling] : [];
  const common = commonSpec.parse({});
  return { title, trials, results, ceilings, compare: { ...common.compare, ...compare }, energy };
}
