import { z } from 'zod';
import { preprocessShape } from '../preprocess.js';
import { dentinSpec } from '../synthesize/dentin.js';
import { registryIds } from './registry.js';

/** Options that belong to one kind of source alone. */
const owners = {
  pattern: ['folder', 'hr'], stack: ['folder'], slices: ['source', 'folder'], lr: ['hr'], dentin: ['synthetic'],
  size: ['synthetic'], count: ['synthetic'], seed: ['synthetic'],
} as const;
const kinds = ['source', 'folder', 'hr', 'synthetic'] as const;

/**
 * Where a trial's images come from: exactly one of
 * - `source`: public data, by its id in the registry;
 * - `folder`: the user's own fine images (HR); coarse ones are made by the degradation;
 * - `hr` and `lr`: two folders of measured pairs, matched by file name;
 * - `synthetic`: specimens made here, with their true network.
 * With it go what {@link preprocess} does: channel, invert, flatten, crop, pixelSize.
 */
export const dataSpec = z.strictObject({
  source: z.enum(registryIds).optional().describe('an id of the registry'),
  folder: z.string().min(1).optional().describe('a folder of HR images; relative to the spec'),
  hr: z.string().min(1).optional().describe('a folder of HR images that have coarse scans in `lr`'),
  lr: z.string().min(1).optional().describe('a folder of coarse scans, named as those in `hr`'),
  synthetic: z.enum(['dentin']).optional(),
  pattern: z.string().min(1).optional().describe('which files: * and ? stand for any characters and for one'),
  stack: z.boolean().optional().describe('the files are slices of one volume'),
  slices: z.strictObject({ from: z.int().min(0).default(0), count: z.int().min(1).optional(), step: z.int().min(1).default(1) }).optional().describe('which files of a folder or an entry'),
  size: z.tuple([z.int().min(16).max(8192), z.int().min(16).max(8192)]).optional().describe('width and height in px; 512 x 512'),
  count: z.int().min(1).max(1000).optional().describe('number of specimens; 1'),
  seed: z.int().min(0).optional().describe('of the first specimen; 0'),
  dentin: dentinSpec.partial().optional(),
  ...preprocessShape,
}).superRefine((spec, context) => {
  const given = kinds.filter((kind) => spec[kind] !== undefined);
  if (given.length !== 1) {
    context.addIssue({ code: 'custom', path: given.length > 1 ? [given[1]!] : [], message: `got ${given.length === 0 ? 'no source of images' : given.join(' and ')}, wanted one of source, folder, hr with lr, synthetic` });
    return;
  }
  const [kind] = given;
  for (const [option, allowed] of Object.entries(owners)) {
    if (spec[option as keyof typeof owners] !== undefined && !(allowed as readonly string[]).includes(kind!)) {
      context.addIssue({ code: 'custom', path: [option], message: `got ${option} with ${kind}, wanted it with ${allowed.join(' or ')} only` });
    }
  }
  if (kind === 'hr' && spec.lr === undefined) context.addIssue({ code: 'custom', path: ['hr'], message: 'got hr without lr, wanted both (or folder, to make the coarse images)' });
  for (const option of kind === 'hr' ? (['crop', 'flatten'] as const) : kind === 'synthetic' ? (['crop', 'flatten', 'channel', 'invert'] as const) : []) {
    if (spec[option] !== undefined) context.addIssue({ code: 'custom', path: [option], message: `got ${option} with ${kind}, wanted images used as they are` });
  }
});
export type DataSpec = z.infer<typeof dataSpec>;
