import type { Command } from 'commander';
import { parsePixelSize } from '@lacuna/core';
import { forwardModelNames } from '@lacuna/datasets';
import { explain } from '../explain/explain.js';
import { parseAlpha, parseParts, partNames, type ExplainOptions, type PartName } from '../explain/options.js';
import { parseNetworkLevel } from '../upscale/network-options.js';
import { parseDevice, parseLevels, parseMemory, parseModels, parseRange } from '../upscale/options.js';
import { collect, positiveInteger, wholeNumber } from './options.js';

interface Given extends Pick<ExplainOptions, 'device' | 'levels' | 'seed' | 'set' | 'splits'> {
  readonly out?: string;
  readonly parts?: PartName[];
  readonly level?: number | 'otsu';
  readonly forward?: string;
  readonly pixelSize?: string;
  readonly channel?: number;
  readonly invert?: boolean;
  readonly range?: readonly [number, number];
  readonly memory?: number;
  readonly threads?: number;
  readonly by?: string;
  readonly method?: string;
  readonly trackingUri?: string;
  readonly uncertainty?: ExplainOptions['uncertainty'];
  readonly branch?: number;
  readonly calibrate?: string;
  readonly alpha?: number;
  readonly check?: string;
  readonly force?: boolean;
}

/** `lacuna explain`: what speaks for each branch that a model shows. */
export function register(program: Command): void {
  program
    .command('explain')
    .description('what speaks for each branch that a model shows in an image: table, graph and figures')
    .argument(
      '<model>',
      'an ONNX file, a checkpoint, a model package, the folder of a trial or sweep, an MLflow run id or experiment',
    )
    .argument('<image>', 'the coarse scan: TIFF (also stacks and OME), OME-Zarr, PNG or JPEG')
    .option('--out <folder>', 'where the files go (default: NAME-explained beside the image)')
    .option('--parts <names>', `some of ${partNames.join(', ')}, by comma (default: all)`, parseParts)
    .option(
      '--level <level>',
      'what is network: above it, in the numbers of the image; or otsu (default: that of the model)',
      parseNetworkLevel,
    )
    .option('--forward <name>', `how the scan was made: ${forwardModelNames.join(', ')} (default: as in training)`)
    .option('--set <path=value>', 'changes one field of it, such as photons=100; may be given again', collect, [])
    .option('--pixel-size <length>', 'of the scan, where the file does not say it: 0.4um or 0.4um,0.4um,0.3um')
    .option(
      '--splits <n>',
      'how often the light is split into halves, and nothing is drawn',
      positiveInteger('--splits'),
      4,
    )
    .option(
      '--uncertainty <models>',
      'which branches further models give, by comma; "seeds": the other seeds in the sweep',
      parseModels,
    )
    .option(
      '--branch <id>',
      'for the attribution: a branch of the table (default: the longest of the weakest)',
      wholeNumber('--branch'),
    )
    .option(
      '--calibrate <images>',
      'how doubt turns into error: on the validation split of its spec (validation), or a folder of fine images',
    )
    .option('--alpha <share>', 'for --calibrate: a level at which at most so many branches are false', parseAlpha)
    .option(
      '--check <images>',
      'for --alpha: the false share of other images at that level: the test split of its spec (test), or fine images',
    )
    .option('--seed <n>', 'of what is drawn', wholeNumber('--seed'), 0)
    .option('--by <metric>', 'of a sweep or experiment: the model with the best validation score')
    .option('--method <name>', 'of a sweep or experiment: models of this method only')
    .option('--tracking-uri <uri>', 'the MLflow server that knows the run')
    .option('--device <device>', 'auto, cpu, cuda, webgpu, coreml or dml', parseDevice, 'auto')
    .option('--memory <size>', 'for tiles, such as 2G (default: half of what is free)', parseMemory)
    .option('--threads <n>', 'threads of the CPU (default: its cores)', positiveInteger('--threads'))
    .option(
      '--levels <levels>',
      'what becomes black and white: model, percentile, range or LOW,HIGH',
      parseLevels,
      'auto',
    )
    .option('--channel <n>', 'of an image of several, from 0', wholeNumber('--channel'))
    .option('--invert', 'the network is dark (default: as the training images were)')
    .option('--no-invert', 'the network is bright')
    .option('--range <low,high>', 'the numbers of an ONNX network that does not say them', parseRange('--range'))
    .option('--force', 'write over what lies there')
    .action(async (model: string, image: string, given: Given) => {
      await explain(model, image, {
        out: given.out ?? null,
        parts: given.parts ?? null,
        level: given.level ?? null,
        forward: given.forward ?? null,
        set: given.set,
        pixelSize: given.pixelSize === undefined ? null : parsePixelSize(given.pixelSize),
        seed: given.seed,
        splits: given.splits,
        uncertainty: given.uncertainty ?? null,
        branch: given.branch ?? null,
        calibrate: given.calibrate ?? null,
        alpha: given.alpha ?? null,
        check: given.check ?? null,
        by: given.by ?? null,
        method: given.method ?? null,
        trackingUri: given.trackingUri ?? null,
        device: given.device,
        memory: given.memory ?? null,
        threads: given.threads ?? null,
        levels: given.levels,
        channel: given.channel ?? null,
        invert: given.invert ?? null,
        range: given.range ?? null,
        force: given.force ?? false,
      });
    });
}
