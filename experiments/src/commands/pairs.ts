import type { Command } from 'commander';
import { loadExtensionsOfSpec } from '../extensions/in-spec.js';
import { writePairsOfSpec } from '../pairs/pairs-of-spec.js';
import { DEFAULT_SPEC, planSelection } from '../sweep/plan/selection.js';
import { collect } from './options.js';

interface PairsOptions {
  readonly set: readonly string[];
  readonly out: string;
}

/** `lacuna pairs`: the prepared pairs of a spec, for other programs. */
export function register(program: Command): void {
  program
    .command('pairs')
    .description('write the pairs that a spec prepares (training, validation, test) as TIFF, for other programs')
    .argument('[spec]', `the spec (YAML); default: ${DEFAULT_SPEC}`)
    .option('--set <path=value>', 'changes one field of the spec; may be given again', collect, [] as string[])
    .requiredOption('--out <folder>', 'a new folder: ROLE/{lr,hr,mask,skeleton}/NNN.tif and pairs.json')
    .action(async (spec: string | undefined, { set, out }: PairsOptions) => {
      const selection = { spec: spec ?? DEFAULT_SPEC, set };
      await loadExtensionsOfSpec(selection);
      const sweep = planSelection(selection);
      const onProgress = (text: string) => {
        if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
      };
      for (const { folder, counts } of await writePairsOfSpec(sweep, { out, baseDir: process.cwd(), onProgress })) {
        const { training, validation, test } = counts;
        console.log(`${folder}: ${training} pairs for training, ${validation} for validation, ${test} for test`);
      }
    });
}
