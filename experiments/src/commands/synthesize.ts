import type { Command } from 'commander';
import { InputError, nearestName, parsePixelSize } from '@lacuna/core';
import { knownStructures, structureNames, structures, writeSpecimen, type StructureName } from '@lacuna/datasets';
import { applySets, parseTree, parseWith, refuse } from '@lacuna/sweep';
import type { z } from 'zod';
import { collect, loadGivenExtensions, wholeNumber, withExtensionOption } from './options.js';

interface SynthesizeOptions {
  readonly size: { width: number; height: number; depth: number };
  readonly pixelSize?: string;
  readonly seed: number;
  readonly out: string;
  readonly phenotype?: string;
  readonly set: readonly string[];
  readonly extension: readonly string[];
}

/** `lacuna synthesize`: a specimen whose network is known, as files. */
export function register(program: Command): void {
  withExtensionOption(program.command('synthesize'))
    .description('draw a network that is known: image, mask, skeleton and graph')
    .argument('<structure>', `${structureNames.join(', ')}, or one of an --extension`)
    .requiredOption('--out <folder>', 'where the files go')
    .option('--size <WxH[xD]>', 'voxels; without a depth everything lies in one plane', parseSize, parseSize('512x512'))
    .option('--pixel-size <length>', 'such as 0.1um, or 0.1um,0.1um,0.3um (x,y,z)')
    .option('--seed <n>', 'equal seeds give equal specimens', wholeNumber('--seed'), 0)
    .option('--phenotype <name>', 'aged: as the literature has old tissue')
    .option('--set <name=value>', 'changes one field of the structure; may be given again', collect, [])
    .action(async (given: string, options: SynthesizeOptions) => {
      await loadGivenExtensions(options.extension);
      const name = parseStructure(given);
      const structure = structures[name];
      const spec = structureSpec(structure.spec, name, [...agedSets(name, options.phenotype), ...options.set]);
      const started = performance.now();
      const specimen = structure.synthesize({
        ...options.size,
        pixelSize: parsePixelSize(options.pixelSize ?? structure.pixelSize),
        seed: options.seed,
        spec,
      });
      const { nodes, branches } = specimen.network;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      for (const path of await writeSpecimen(options.out, specimen)) console.log(path);
      const micrometres = branches.reduce((sum, branch) => sum + branch.length, 0).toFixed(0);
      const network = `${nodes.length} nodes, ${branches.length} branches, ${micrometres} µm of centreline`;
      console.log(`${name}, seed ${options.seed}: ${network}, in ${seconds} s`);
    });
}

/** A name of {@link structures}. */
export function parseStructure(text: string): StructureName {
  const known = knownStructures();
  const found = known.find((name) => name === text);
  const near = nearestName(text, known);
  if (!found)
    throw new InputError({
      who: 'synthesize',
      got: `structure ${JSON.stringify(text)}`,
      wanted: known.join(', '),
      ...(near ? { remedy: `did you mean ${near}?` } : {}),
    });
  return found;
}

function parseSize(text: string): { width: number; height: number; depth: number } {
  const [, width, height, depth = '1'] = /^(\d+)x(\d+)(?:x(\d+))?$/i.exec(text) ?? [];
  if (!width || !height)
    throw new InputError({
      who: '--size',
      got: JSON.stringify(text),
      wanted: 'width x height, or width x height x depth',
      remedy: 'write for example 512x512x64',
    });
  return { width: Number(width), height: Number(height), depth: Number(depth) };
}

/** What a phenotype sets, as `--set` would. */
function agedSets(name: StructureName, phenotype: string | undefined): string[] {
  if (phenotype === undefined) return [];
  if (phenotype !== 'aged') throw new InputError({ who: '--phenotype', got: phenotype, wanted: 'aged' });
  const aged: Readonly<Record<string, number>> = structures[name].aged;
  if (Object.keys(aged).length === 0)
    throw new InputError({
      who: '--phenotype',
      got: `aged for ${name}, of which nobody said what age changes`,
      wanted: `one of ${structureNames.join(', ')}`,
      remedy: 'leave --phenotype out, and say by --set what is to be changed',
    });
  return Object.entries(aged).map(([key, value]) => `${key}=${value}`);
}

function structureSpec<S extends z.ZodType>(schema: S, name: string, sets: readonly string[]): z.infer<S> {
  const parsed = parseWith(applySets(parseTree('{}', `synthesize ${name}`), sets), schema);
  return 'problems' in parsed ? refuse(parsed.problems) : parsed.value;
}
