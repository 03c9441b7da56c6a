import { LIMITS } from 'mlflow-ts-client';
import { executorSpec } from '@lacuna/sweep';
import { z } from 'zod';
import { normalisationSpec, registeredDataSpec, registeredDegradationSpec, splitSpec } from '@lacuna/datasets';
import { registeredEvaluationSpec } from '@lacuna/iqa';
import { modelSource, registeredModelSpec, registeredRegimeSpec, trainingSpec } from '@lacuna/models';
import { deconvolutionRegime, linearRegime } from '../../baseline/linear-spec.js';
import { onnxRegime, pretrainedRegime } from '../../baseline/spec.js';
import { augmentationsField } from '../../extensions/augmentation.js';
import { evidenceNames } from '../../explain/evidence-names.js';
import { FIGURE_FORMATS } from '../../figures/drawing/formats.js';
import { registeredCount } from '../../extensions/registry.js';

/** Where the weights come from that a trial begins with. */
const initSpec = z.strictObject({
  from: modelSource(
    'a model that Lacuna wrote (best.safetensors, model.onnx), relative to the spec',
    'a method or a file',
  ),
});

/** How volumes are cut for models of planes. */
const slices = z.strictObject({
  axis: z
    .enum(['x', 'y', 'z'])
    .optional()
    .describe('what planes are cut across: z (the default) leaves them x and y, y leaves x and z, x leaves y and z'),
  neighbours: z
    .int()
    .min(0)
    .max(16)
    .optional()
    .describe('planes on each side that the model sees beside the one that it enlarges (2.5D); 0 by default'),
  between: z
    .enum(['linear', 'cubic'])
    .optional()
    .describe(
      'where the factor makes that axis coarser too: how the planes between the enlarged ones are interpolated',
    ),
});

/** Everything that decides one trial's result, besides its seed, with what extensions have registered by now. */
const buildTrialSpec = () =>
  z.strictObject({
    dimensions: z
      .literal([2, 3])
      .optional()
      .describe('2: planes, those of a volume one by one; 3: volumes; when left out, as the images are'),
    slicewise: z
      .union([z.boolean(), slices], 'wanted true, or {axis: , neighbours: , between: }')
      .optional()
      .describe(
        'of volumes: a model of planes, trained on planes and applied to them one by one; scores are of volumes. ' +
          'true: planes across z, each by itself',
      ),
    data: registeredDataSpec().describe('where images come from'),
    normalise: normalisationSpec
      .prefault({ kind: 'percentile' })
      .describe('what becomes 0 and 1, from the training images'),
    degradation: registeredDegradationSpec().describe('how coarse images are made of fine ones'),
    split: splitSpec.prefault({ kind: 'blocks' }).describe('what is for training, validation and test'),
    model: registeredModelSpec().describe('the network that enlarges'),
    regime: z
      .discriminatedUnion('kind', [
        ...registeredRegimeSpec().options,
        linearRegime,
        deconvolutionRegime,
        onnxRegime,
        pretrainedRegime,
      ])
      .describe('how it is trained, or what stands in its place'),
    init: initSpec.optional().describe('weights that training begins with, in place of drawn ones'),
    training: trainingSpec
      .extend({ augmentations: augmentationsField() })
      .prefault({})
      .describe('how long and how it is trained'),
    evaluation: registeredEvaluationSpec()
      .extend({
        network: z
          .enum(['image', 'head'])
          .optional()
          .describe('what networks are read from: the image (by default), or the head of models that keep one'),
        evidence: z
          .array(z.enum(evidenceNames))
          .min(1)
          .refine((names) => new Set(names).size === names.length, 'each once')
          .optional()
          .describe(
            'what speaks for the branches of the test images, each method at its own level: measured_share, ' +
              'doubtful_branches, invented_from_nothing (lacuna explain)',
          ),
      })
      .prefault({})
      .describe('what is measured, and how'),
  });
export type TrialSpec = z.infer<ReturnType<typeof buildTrialSpec>>;

let built: { readonly count: number; readonly schema: ReturnType<typeof buildTrialSpec> } | null = null;

/** The schema of one trial: made anew where an extension has registered something since. */
export function trialSpec(): ReturnType<typeof buildTrialSpec> {
  const count = registeredCount();
  if (built?.count !== count) built = { count, schema: buildTrialSpec() };
  return built.schema;
}

const BYTES = /^(\d+(?:\.\d+)?) ?(MB|GB|TB)$/;

/** "2 GB" in bytes. */
export function bytesOf(text: string): number {
  const [, number, unit] = BYTES.exec(text)!;
  return Number(number) * { MB: 1e6, GB: 1e9, TB: 1e12 }[unit as 'MB' | 'GB' | 'TB'];
}

/** What belongs to a whole sweep and decides no result. */
export const commonSpec = z.strictObject({
  extensions: z
    .array(z.string().min(1).meta({ format: 'path' }))
    .optional()
    .describe(
      'JavaScript modules (.mjs) that register metrics, terms of the loss, architectures, degradations, ' +
        'augmentations and synthetic structures of your own, relative to the spec; what they hold is part of the ids ' +
        'of trials that use something of them',
    ),
  executor: executorSpec
    .optional()
    .describe('where trials run: processes of this machine when left out; it says nothing of what they compute'),
  tracking: z
    .strictObject({
      experiment: z.string().min(1).max(LIMITS.experimentName).default('lacuna').describe('its name in MLflow'),
      uri: z.string().optional().describe('a tracking server; by default a local one is started'),
    })
    .prefault({})
    .describe('where runs are logged'),
  compare: z
    .strictObject({
      to: z
        .string()
        .optional()
        .describe(
          'the method that the others are held to; by default the one that is best on validation, ' +
            'geometry-informed ones left out',
        ),
      unit: z
        .enum(['region', 'seed', 'each'])
        .default('region')
        .describe(
          "what the permutation test exchanges: a region's scores over all seeds (does a difference hold for other " +
            "regions?), a seed's over all regions (for other seeds?), or each score by itself",
        ),
    })
    .prefault({})
    .describe('paired differences of the methods'),
  energy: z
    .strictObject({
      gramsPerKwh: z
        .number()
        .positive()
        .max(5000)
        .describe('grams of carbon dioxide equivalents for each kWh of the electricity that trials use'),
      source: z.string().min(1).max(200).optional().describe('where the factor is from; printed beside it'),
    })
    .optional()
    .describe('emissions of measured energy; left out, none are told: no factor is assumed'),
  keep: z
    .strictObject({
      images: z
        .enum(['all', 'first', 'none'])
        .default('all')
        .describe(
          "the methods' images of all test and validation regions, so that the sweep can be scored again (lacuna " +
            'rescore); of the first test region, for panel and model; or none of them',
        ),
      limit: z
        .string()
        .regex(BYTES, 'wanted a number and MB, GB or TB: 2 GB')
        .default('2 GB')
        .describe('what the kept images of a sweep may take, shared by its trials; regions beyond are left out'),
    })
    .prefault({})
    .describe('what a sweep leaves on disk'),
  figures: z
    .strictObject({
      crop: z
        .discriminatedUnion('kind', [
          z.strictObject({
            kind: z
              .enum(['most-branches', 'most-missed', 'median'])
              .describe('where most network is, where most is missed, or a place of median recall'),
            size: z.int().min(16).default(160).describe('side, HR pixels'),
          }),
          z.strictObject({
            kind: z.literal('fixed'),
            size: z.int().min(16).default(160).describe('side, HR pixels'),
            x: z.int().min(0).describe('left edge, HR pixels'),
            y: z.int().min(0).describe('upper edge, HR pixels'),
          }),
        ])
        .prefault({ kind: 'median' })
        .describe('how the crop of the comparison panel is chosen'),
      formats: z
        .array(z.enum(FIGURE_FORMATS))
        .default([...FIGURE_FORMATS])
        .describe('what each figure is written as beside SVG; [] saves seconds at the end of a sweep'),
    })
    .prefault({})
    .describe('how figures are drawn'),
});
export type CommonSpec = z.infer<typeof commonSpec>;
