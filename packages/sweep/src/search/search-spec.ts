import { z } from 'zod';

const onlyUnder = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe('the methods under which the field is searched; all of them when left out');

const isRange = ([low, high]: readonly [number, number]): boolean => low < high;
const rangeWanted = 'wanted [low, high] with low < high';
const log = z.boolean().default(false).describe('whether ratios count and not differences: low must be above 0');

/** Numbers that ratios count of begin above 0, and have no steps. */
const isLogarithm = ({ log, low, step }: { log: boolean; low: number; step?: number | undefined }): boolean =>
  !log || (low > 0 && step === undefined);
const logWanted = 'wanted a range above 0, without step, where log is true';

const floatDimension = z
  .strictObject({
    float: z
      .tuple([z.number(), z.number()])
      .refine((range) => isRange(range), rangeWanted)
      .describe('from, to'),
    log,
    step: z.number().positive().optional().describe('between the values that are tried; any number when left out'),
    methods: onlyUnder,
  })
  .refine(({ float, log, step }) => isLogarithm({ log, step, low: float[0] }), logWanted);

const intDimension = z
  .strictObject({
    int: z
      .tuple([z.int(), z.int()])
      .refine((range) => isRange(range), rangeWanted)
      .describe('from, to'),
    log,
    step: z.int().positive().optional().describe('between the values that are tried; 1 when left out'),
    methods: onlyUnder,
  })
  .refine(({ int, log, step }) => isLogarithm({ log, step, low: int[0] }), logWanted);

const choiceDimension = z.strictObject({
  choice: z.array(z.unknown()).min(2).describe('values without an order'),
  methods: onlyUnder,
});

/** One field that is searched over. */
const dimensionSpec = z.union(
  [floatDimension, intDimension, choiceDimension],
  'wanted {float: [low, high]}, {int: [low, high]} or {choice: [...]}',
);
export type DimensionSpec = z.infer<typeof dimensionSpec>;

const pruneSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('median').describe('trials that are worse than the median of the others at the same step'),
    startup: z.int().min(0).default(5).describe('trials that end before any is pruned'),
    warmup: z.int().min(0).default(0).describe('training steps before a trial can be pruned'),
  }),
  z.strictObject({
    kind: z.literal('halving').describe('successive halving, asynchronous: of each rung the best go on'),
    least: z.int().min(1).describe('training steps that every trial gets'),
    reduction: z.int().min(2).default(4).describe('one of so many goes on to so many times the steps'),
  }),
  z.strictObject({
    kind: z.literal('hyperband').describe('several successive halvings, from bold to careful'),
    least: z.int().min(1).describe('training steps that every trial gets in the boldest of them'),
    most: z.int().min(1).optional().describe('training steps of the most careful; the longest trial when left out'),
    reduction: z.int().min(2).default(3).describe('one of so many goes on to so many times the steps'),
  }),
  z.strictObject({
    kind: z
      .literal('wilcoxon')
      .describe('after each seed, a signed-rank test over seeds and validation regions against the best point'),
    p: z.number().gt(0).max(1).default(0.1).describe('below it a point is taken to be worse, and gets no other seed'),
    startup: z.int().min(2).default(2).describe('scores (seeds times regions) before a point can be pruned'),
  }),
  z.strictObject({
    kind: z.literal('patience').describe('trials whose score no longer gets better'),
    patience: z.int().min(1).describe('validations without a better score'),
    delta: z.number().min(0).default(0).describe('what counts as better'),
  }),
]);
export type PruneSpec = z.infer<typeof pruneSpec>;

const objectives = z.array(z.string().min(1)).default([]);

/** A search over fields of the spec, in place of a list of trials. Samplers and pruners are Optuna's. */
export const searchSpec = z
  .strictObject({
    kind: z
      .enum(['random', 'sobol', 'tpe', 'nsga2', 'gp'])
      .describe(
        "how points are chosen: at random, by Sobol's sequence, by the tree-structured Parzen estimator, by the " +
          'genetic algorithm NSGA-II (several objectives), by a Gaussian process (needs PyTorch)',
      ),
    trials: z.int().min(1).describe('points that are tried; each is a trial for every seed of `seeds`'),
    seed: z.int().min(0).default(0).describe('of the random numbers that choose points'),
    start: z
      .enum(['sampled', 'spec'])
      .default('sampled')
      .describe("the first point: chosen as the others are, or the spec's own values, one point for each method"),
    startup: z.int().min(1).default(10).describe('of tpe and gp: points at random before the model of earlier ones'),
    population: z.int().min(2).default(50).describe('of nsga2: points of a generation'),
    space: z
      .record(z.string(), dimensionSpec)
      .refine((space) => Object.keys(space).length > 0, 'wanted at least one field')
      .describe('by dotted path, what is searched over'),
    maximise: objectives.describe('validation/METRIC: the higher the better'),
    minimise: objectives.describe('validation/METRIC, parameters, macs, seconds or energy: the lower the better'),
    prune: pruneSpec.optional().describe('which trials are ended early; none when left out'),
  })
  .refine(({ maximise, minimise }) => maximise.length + minimise.length > 0, 'wanted maximise or minimise')
  .refine(
    ({ prune, maximise, minimise }) => !prune || maximise.length + minimise.length === 1,
    'wanted one objective where trials are pruned',
  );
export type SearchSpec = z.infer<typeof searchSpec>;
