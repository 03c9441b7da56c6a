import { z } from 'zod';

const side = z.int().min(1).describe('LR voxels along this axis');

/** At least 4 along x and y; of a patch of planes that are cut across one of them, 1 there and 4 along the others. */
const isPatch = (patch: { readonly x: number; readonly y: number; readonly z: number }): boolean => {
  const { x, y, z: deep } = patch;
  const least = Math.min(x, y);
  return least >= 4 || (least === 1 && Math.max(x, y) >= 4 && deep >= 4);
};

const PATCH_SIDES =
  'at least 4 along x and y; or 1 along the one that slicewise cuts across, and at least 4 along the others';

const optimizer = z.strictObject({
  kind: z.enum(['adam', 'adamw']).default('adam').describe('adamw decays the weights beside the step'),
  learningRate: z.number().positive().default(1e-3).describe('of a step; the schedule scales it'),
  beta1: z.number().min(0).lt(1).default(0.9).describe("decay of the gradients' running mean"),
  beta2: z.number().min(0).lt(1).default(0.999).describe("decay of their squares' running mean"),
  epsilon: z.number().positive().default(1e-8).describe('keeps steps finite where gradients are small'),
  weightDecay: z.number().min(0).default(0.01).describe('adamw alone'),
});

const warmup = z.int().min(0).default(0).describe('steps in which the rate rises to its full size');

/** The learning rate over the steps, as a factor of the optimiser's. */
const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), warmup }),
  z.strictObject({
    kind: z.literal('cosine'),
    warmup,
    final: z.number().min(0).max(1).default(0.01).describe('share of the rate at the last step'),
  }),
  z.strictObject({
    kind: z.literal('step'),
    warmup,
    every: z.int().min(1).describe('steps between falls'),
    factor: z.number().positive().max(1).default(0.5).describe('of each fall'),
  }),
  z.strictObject({
    kind: z.literal('linear'),
    warmup,
    from: z.number().min(0).max(1).default(0.5).describe('share of the steps before the decay to zero'),
  }),
]);

/** How long and how a model is trained. */
export const trainingSpec = z.strictObject({
  steps: z.int().min(1).default(1000).describe('updates of the weights'),
  batch: z.int().min(1).default(16).describe('patches of a step'),
  patch: z
    .union(
      [z.int().min(4), z.strictObject({ x: side, y: side, z: side }).refine(isPatch, PATCH_SIDES)],
      'wanted a whole number of at least 4, or {x: , y: , z: } of a patch of a volume',
    )
    .default(48)
    .describe(
      'LR pixels: side of a patch, a square of planes and a cube of volumes, or {x, y, z} of volumes (1 along the ' +
        'axis that slicewise cuts across)',
    ),
  optimizer: optimizer.prefault({}).describe('how gradients become steps'),
  schedule: schedule.prefault({ kind: 'cosine' }).describe('the learning rate over the steps'),
  clipNorm: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('largest norm of the gradients of all weights together; null for no limit'),
  ema: z.number().gt(0).lt(1).nullable().default(null).describe("decay of the weights' running average"),
  augment: z
    .enum(['none', 'flips', 'flips-and-rotations'])
    .default('flips-and-rotations')
    .describe('how patches are turned: not, by mirrors, or by mirrors and exchanges of axes'),
  breaks: z
    .strictObject({
      share: z.number().gt(0).max(1).default(0.3).describe('of the patches that are broken'),
      length: z
        .tuple([z.number().min(1).max(32), z.number().min(1).max(32)])
        .default([1, 4])
        .describe('of a gap at the first step and at the last, LR pixels'),
      count: z.int().min(1).max(16).default(1).describe('gaps of a broken patch'),
    })
    .optional()
    .describe(
      'branches broken on purpose in the LR patches alone, the HR patches as they are (CoLeTra); of pairs, none by ' +
        'default',
    ),
  logEvery: z.int().min(1).default(10).describe('steps between points of the loss'),
  validateEvery: z.int().min(1).default(100).describe('steps between scores of the validation split'),
  checkpointEvery: z
    .int()
    .min(1)
    .default(100)
    .describe('steps between checkpoints, from which a stopped trial goes on'),
  earlyStopping: z
    .strictObject({ patience: z.int().min(1).describe('validations without a better score') })
    .nullable()
    .default(null)
    .describe('ends a trial before its last step; null for never'),
  select: z
    .strictObject({
      metric: z
        .string()
        .default('psnr')
        .describe(
          'score of the validation split: of any metric, or cldice_own_level, clDice at the level that suits the ' +
            'model best; that one and recall_area hang on no common level',
        ),
      better: z.enum(['higher', 'lower']).default('higher').describe('which end of the score is good'),
    })
    .prefault({})
    .describe('by which validation score the model is chosen'),
  precision: z
    .enum(['float32', 'bf16'])
    .default('float32')
    .describe(
      'bf16: convolutions multiply in bfloat16 and add in float32, while weights, optimiser and losses are float32; ' +
        'on CPUs with avx512_bf16 or amx_bf16',
    ),
  xla: z.boolean().default(false).describe('compile steps by XLA, on a GPU'),
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
