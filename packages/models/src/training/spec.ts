import { z } from 'zod';

const optimizer = z.strictObject({
  kind: z.enum(['adam', 'adamw']).default('adam'),
  learningRate: z.number().positive().default(1e-3),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0.01).describe('adamw alone'),
});

/** The learning rate over the steps, as a factor of the optimiser's. */
const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), warmup: z.int().min(0).default(0) }),
  z.strictObject({
    kind: z.literal('cosine'),
    warmup: z.int().min(0).default(0),
    final: z.number().min(0).max(1).default(0.01),
  }),
  z.strictObject({
    kind: z.literal('step'),
    warmup: z.int().min(0).default(0),
    every: z.int().min(1),
    factor: z.number().positive().max(1).default(0.5),
  }),
  z.strictObject({
    kind: z.literal('linear'),
    warmup: z.int().min(0).default(0),
    from: z.number().min(0).max(1).default(0.5).describe('share of the steps before the decay to zero'),
  }),
]);

/** How long and how a model is trained. */
export const trainingSpec = z.strictObject({
  steps: z.int().min(1).default(1000),
  batch: z.int().min(1).default(16),
  patch: z
    .union(
      [z.int().min(4), z.strictObject({ x: z.int().min(4), y: z.int().min(4), z: z.int().min(1) })],
      'wanted a whole number of at least 4, or {x: , y: , z: } of a patch of a volume',
    )
    .default(48)
    .describe('LR pixels: side of a patch, a square of planes and a cube of volumes, or {x, y, z} of volumes'),
  optimizer: optimizer.prefault({}),
  schedule: schedule.prefault({ kind: 'cosine' }),
  clipNorm: z.number().positive().nullable().default(null),
  ema: z.number().gt(0).lt(1).nullable().default(null).describe("decay of the weights' running average"),
  augment: z.enum(['none', 'flips', 'flips-and-rotations']).default('flips-and-rotations'),
  logEvery: z.int().min(1).default(10),
  validateEvery: z.int().min(1).default(100),
  checkpointEvery: z.int().min(1).default(100),
  earlyStopping: z
    .strictObject({ patience: z.int().min(1).describe('validations without a better score') })
    .nullable()
    .default(null),
  select: z
    .strictObject({
      metric: z
        .string()
        .default('psnr')
        .describe(
          'score of the validation split: of any metric, or cldice_own_level, clDice at the level that suits the ' +
            'model best; that one and recall_area hang on no common level',
        ),
      better: z.enum(['higher', 'lower']).default('higher'),
    })
    .prefault({}),
  xla: z.boolean().default(false),
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(1)
    .describe('threads of one op on a CPU; other numbers add in another order, and so give other weights'),
});
export type TrainingSpec = z.infer<typeof trainingSpec>;

/** Learning rate of step 1, 2, ..., steps. */
export function learningRateAt(
  step: number,
  { optimizer: { learningRate }, schedule: plan, steps }: Pick<TrainingSpec, 'optimizer' | 'schedule' | 'steps'>,
): number {
  if (step <= plan.warmup) return (learningRate * step) / (plan.warmup + 1);
  const done = (step - 1 - plan.warmup) / Math.max(1, steps - plan.warmup);
  switch (plan.kind) {
    case 'constant':
      return learningRate;
    case 'cosine':
      return learningRate * (plan.final + (1 - plan.final) * 0.5 * (1 + Math.cos(Math.PI * done)));
    case 'step':
      return learningRate * plan.factor ** Math.floor((step - 1 - plan.warmup) / plan.every);
    case 'linear':
      return learningRate * Math.min(1, (1 - done) / Math.max(1e-12, 1 - plan.from));
  }
}
