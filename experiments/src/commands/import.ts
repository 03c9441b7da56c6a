import type { Command } from 'commander';
import { InputError } from '@lacuna/core';
import { importWeights } from '../import/import-weights.js';
import { positiveInteger } from './options.js';

interface Given {
  readonly model: string;
  readonly factor: number | readonly number[];
  readonly channels: number;
  readonly range: readonly [number, number];
  readonly grey?: boolean;
  readonly out: string;
  readonly force?: boolean;
}

/** `lacuna import`: published weights as a model of Lacuna's. */
export function register(program: Command): void {
  program
    .command('import')
    .description("make a model file of published weights (safetensors, PyTorch's names) of a family of the catalogue")
    .argument('<weights>', 'a safetensors file; tools/convert makes one of a .pth')
    .requiredOption('--model <family>', 'its family, or with options: "{ name: rlfn, filters: 48 }"')
    .requiredOption('--factor <n>', 'how many times it enlarges; z,y,x of volumes', parseFactor)
    .option('--channels <n>', 'of its images', positiveInteger('--channels'), 3)
    .option('--range <low,high>', 'its numbers for black and white', parseRange, [0, 1] as const)
    .option('--grey', 'for images of one channel: what it does of several equal ones, averaged')
    .requiredOption('--out <file>', 'a model file (.safetensors)')
    .option('--force', 'write over what lies there')
    .action((weights: string, { grey = false, force = false, ...given }: Given) => {
      importWeights(weights, { ...given, grey, force });
      console.log(given.out);
    });
}

function parseFactor(text: string): number | number[] {
  const factors = text.split(',').map(Number);
  const isFactor = factors.every((each) => Number.isInteger(each) && each >= 1);
  if (!isFactor || ![1, 3].includes(factors.length))
    throw new InputError({ who: '--factor', got: text, wanted: 'a whole number, or three: z,y,x' });
  return factors.length === 1 ? factors[0] : factors;
}

function parseRange(text: string): readonly [number, number] {
  const [low, high, ...more] = text.split(',').map(Number);
  if (more.length > 0 || !Number.isFinite(low) || !(high > low))
    throw new InputError({ who: '--range', got: text, wanted: 'two numbers, the second larger: 0,1 or 0,255' });
  return [low, high];
}
