import { z } from 'zod';
import { alignField } from '../align/spec.js';
import { preprocessShape } from '../preprocess/preprocess.js';
import { corticalSpec } from '../synthesize/cortical.js';
import { dentinSpec } from '../synthesize/dentin.js';
import { lacunocanalicularSpec } from '../synthesize/lacunocanalicular.js';
import { addStructure, ownStructures } from '../synthesize/structures.js';
import { exposureOptions, type OwnStructure } from '../synthesize/own-structure.js';
import { registryIds } from './registry.js';

const slices = z
  .strictObject({
    from: z.int().min(0).default(0).describe('the first, from 0'),
    count: z.int().min(1).optional().describe('how many; all by default'),
    step: z.int().min(1).default(1).describe('every which'),
  })
  .optional()
  .describe('which files of the sorted list');
const pattern = z.string().min(1).optional().describe('which files: * and ? stand for any characters and for one');
const time = z.int().min(0).optional().describe('the time point, from 0, of files that have several');
const side = z.int().min(16).max(8192).default(512).describe('pixels');

/** What all synthetic sources share. */
const specimens = (pixelSize: string) => ({
  width: side,
  height: side,
  depth: z.int().min(1).max(1024).default(1).describe('planes; 1 for a section in which everything lies in the plane'),
  pixelSize: z.string().default(pixelSize).describe('as 0.1um, or 0.1um,0.1um,0.3um with the distance of planes'),
  images: z.int().min(1).max(1000).default(1).describe('number of specimens'),
  seed: z.int().min(0).default(0).describe('of the first specimen; the next have the next seeds'),
  phenotype: z
    .enum(['young', 'aged'])
    .default('young')
    .describe('aged: as the literature has old tissue; fields of structure come on top'),
});

/**
 * Where a trial's images come from, by `source`:
 * - an id of the registry: public data;
 * - `folder`: the user's own fine images (HR), of a folder or by a pattern; the degradation makes the coarse ones;
 * - `manifest`: a CSV file that names images, their specimens and their roles;
 * - `rock-pair`: a measured pair of volumes, fetched and put together;
 * - `biosr`, `sr-caco-2`: measured pairs of a pinned copy;
 * - `pairs`: two folders of measured pairs, matched by file name;
 * - `dentin`, `lacunocanalicular`, `cortical`: synthetic specimens, planes or volumes, with their true network.
 * Files go through {@link preprocess}: channel, invert, flatten, crop, pixelSize.
 */
export const dataSpec = z.discriminatedUnion('source', [
  z.strictObject({ source: z.enum(registryIds), slices, ...preprocessShape }),
  z.strictObject({
    source: z.literal('folder'),
    path: z
      .string()
      .min(1)
      .describe(
        'a folder of HR images, or a pattern: * and ? within a folder, ** through folders; relative to the spec',
      )
      .meta({ format: 'path' }),
    pattern,
    slices,
    time,
    stack: z.boolean().default(false).describe('the files are slices of one volume'),
    ...preprocessShape,
  }),
  z.strictObject({
    source: z.literal('pairs'),
    hr: z.string().min(1).describe('a folder of fine images').meta({ format: 'path' }),
    lr: z.string().min(1).describe('a folder of coarse scans of the same fields, named alike').meta({ format: 'path' }),
    // Crop and background would have to agree on two grids: measured pairs are used as they are.
    pattern,
    exclude: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('fine images that are left out, with their coarse scans: file names as in the folder hr'),
    time,
    align: alignField,
    channel: preprocessShape.channel,
    invert: preprocessShape.invert,
    pixelSize: preprocessShape.pixelSize,
  }),
  z.strictObject({
    source: z.literal('rock-pair'),
    align: alignField.default(true),
    invert: preprocessShape.invert,
  }),
  z.strictObject({
    source: z.literal('sr-caco-2'),
    marker: z.literal([0, 1, 2]).default(0).describe('CELL0, CELL1 or CELL2 of the file names'),
    factor: z.literal([2, 4, 8]).describe('which coarse scans'),
    count: z.int().min(1).optional().describe('patches of each role; all by default'),
    invert: preprocessShape.invert,
    pixelSize: preprocessShape.pixelSize,
  }),
  z.strictObject({
    source: z.literal('biosr'),
    structure: z.enum(['CCPs', 'ER', 'Microtubules', 'F-actin']),
    level: z.int().min(1).max(12).default(6).describe('signal level of the coarse scan; more is brighter'),
    count: z.int().min(1).optional().describe('cells; all by default'),
    invert: preprocessShape.invert,
  }),
  z.strictObject({
    source: z.literal('manifest'),
    path: z.string().min(1).describe('a CSV file with the columns path, specimen, role, lr').meta({ format: 'path' }),
    time,
    align: alignField,
    channel: preprocessShape.channel,
    invert: preprocessShape.invert,
    pixelSize: preprocessShape.pixelSize,
  }),
  z.strictObject({
    source: z.literal('dentin'),
    ...specimens('0.1um'),
    structure: dentinSpec.partial().default({}).describe('densities, bores, brightness, optics of the fine scan'),
  }),
  z.strictObject({
    source: z.literal('lacunocanalicular'),
    ...specimens('0.1um'),
    structure: lacunocanalicularSpec.partial().default({}).describe('lacunae, canaliculi, optics of the fine scan'),
  }),
  z.strictObject({
    source: z.literal('cortical'),
    ...specimens('10um'),
    structure: corticalSpec.partial().default({}).describe('age, canals, contrast, noise of the fine scan'),
  }),
]);
export type DataSpec = z.infer<typeof dataSpec>;

/**
 * Adds a synthetic structure of others to this process: a source by its name.
 * @throws {InputError} where the name is taken.
 */
export function registerStructure(structure: OwnStructure): void {
  const sources = dataSpec.options.flatMap(({ shape: { source } }): string[] =>
    source instanceof z.ZodEnum ? source.options : [...source.values],
  );
  addStructure(structure, sources);
}

/** {@link dataSpec} with the structures that extensions registered. */
export function registeredDataSpec(): typeof dataSpec {
  const own = [...ownStructures()].map(([name, { options, pixelSize }]) =>
    z.strictObject({
      source: z.literal(name),
      ...specimens(pixelSize),
      phenotype: z.literal('young').default('young').describe('this structure has no other'),
      structure: z
        .strictObject({ ...options, ...exposureOptions })
        .prefault({})
        .describe('of the structure, and optics of the fine scan'),
    }),
  );
  if (own.length === 0) return dataSpec;
  const all = z.discriminatedUnion('source', [...dataSpec.options, ...own]);
  return all as unknown as typeof dataSpec;
}
