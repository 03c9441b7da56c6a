import type { Command } from 'commander';
import { InputError, parsePixelSize } from '@lacuna/core';
import { forwardModelNames, type DegradationSpec } from '@lacuna/datasets';
import { degradeFiles } from '../degrade/degrade-files.js';
import { forwardSpec } from '../degrade/forward-spec.js';
import { parseLevels } from '../upscale/options.js';
import { collect, loadGivenExtensions, wholeNumber, withExtensionOption } from './options.js';

interface Given {
  readonly model: string;
  readonly factor: string;
  readonly seed: number;
  readonly set: readonly string[];
  readonly extension: readonly string[];
  readonly levels: string;
  readonly pixelSize?: string;
  readonly crop?: boolean;
  readonly force?: boolean;
}

/** `lacuna degrade`: the coarse scan that an instrument would have made. */
export function register(program: Command): void {
  withExtensionOption(program.command('degrade'))
    .description('make the coarse scan of a fine image, a stack or a folder of them')
    .argument('<input>', 'TIFF (also stacks and OME), OME-Zarr, PNG, JPEG, or a folder of them')
    .argument('<output>', 'a .tif, .ome.tif or .png; for a folder, a folder')
    .requiredOption('--model <name>', `${forwardModelNames.join(', ')}, or one of an --extension`)
    .requiredOption('--factor <n>', 'ratio of the pixel sizes: 4, or one for each axis, x,y or x,y,z: 4,4,2')
    .option('--seed <n>', 'of the noise, and of what blind draws', wholeNumber('--seed'), 0)
    .option(
      '--set <path=value>',
      'changes one field of the model, such as photons=100; may be given again',
      collect,
      [],
    )
    .option('--levels <levels>', 'what counts as no light and as full: percentile, range or LOW,HIGH', 'percentile')
    .option('--pixel-size <length>', 'of the fine image, where the file does not say it: 0.1um or 0.1um,0.1um,0.3um')
    .option('--crop', 'leave out the last rows, columns and planes that do not fill a coarse pixel')
    .option('--force', 'write over what lies there')
    .action(async (input: string, output: string, given: Given) => {
      await loadGivenExtensions(given.extension);
      await degradeFiles(input, output, {
        spec: modelSpec(given),
        seed: given.seed,
        levels: levelsOf(given.levels),
        crop: given.crop ?? false,
        force: given.force ?? false,
        pixelSize: given.pixelSize === undefined ? null : parsePixelSize(given.pixelSize),
      });
    });
}

function modelSpec({ model, factor, set }: Given): DegradationSpec {
  const parts = factor.split(',').map(Number);
  if (
    parts.length > 3 ||
    parts.some((part) => !Number.isInteger(part) || part < 1 || part > 16) ||
    Math.max(...parts) < 2
  )
    throw new InputError({
      who: '--factor',
      got: factor,
      wanted: 'a whole number from 2 to 16, or one for each axis',
      remedy: 'write for example 4, or 4,4,2 for x, y and z',
    });
  const [x, y = x, z = 1] = parts;
  const ratio = parts.length === 1 ? `${x}` : `{x: ${x}, y: ${y}, z: ${z}}`;
  return forwardSpec('--model', model, { factor: ratio, set });
}

function levelsOf(text: string): 'percentile' | 'range' | { low: number; high: number } {
  const levels = parseLevels(text);
  if (levels === 'auto' || levels === 'model')
    throw new InputError({ who: '--levels', got: text, wanted: 'percentile, range, or two numbers such as 120,4000' });
  return levels;
}
