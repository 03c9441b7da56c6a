import type { Command } from 'commander';
import { InputError } from '@lacuna/core';
import {
  parseDevice,
  parseLevels,
  parseMemory,
  parseModels,
  parseRange,
  type LevelsChoice,
  type UpscaleOptions,
} from '../upscale/options.js';
import { PROPOSAL_REACH, parseReach } from '../network/proposals.js';
import { networkChoice, parseNetworkLevel } from '../upscale/network-options.js';
import { upscale } from '../upscale/upscale.js';
import { watchFolder } from '../upscale/watch.js';
import { positiveInteger } from './options.js';

interface Given {
  readonly by?: string;
  readonly method?: string;
  readonly trackingUri?: string;
  readonly device: UpscaleOptions['device'];
  readonly memory?: number;
  readonly threads?: number;
  readonly selfEnsemble?: boolean;
  readonly uncertainty?: UpscaleOptions['uncertainty'];
  readonly compare?: string;
  readonly levels: LevelsChoice;
  readonly channel?: number;
  readonly invert?: boolean;
  readonly range?: readonly [number, number];
  readonly force?: boolean;
  readonly watch?: boolean;
  readonly network?: string | true;
  readonly propose?: number | true;
  readonly level?: number | 'otsu';
}

function channelIndex(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0)
    throw new InputError({ who: '--channel', got: text, wanted: 'a whole number from 0' });
  return value;
}

/** `lacuna upscale`: a trained model on a file, a stack or a folder. */
export function register(program: Command): void {
  program
    .command('upscale')
    .description('enlarge an image, a stack or a folder with a trained model')
    .argument(
      '<model>',
      'an ONNX file, a checkpoint, a model package, the folder of a trial or sweep, an MLflow run id or experiment',
    )
    .argument('<input>', 'TIFF (also stacks and OME), OME-Zarr, PNG, JPEG, or a folder of them')
    .argument('<output>', 'a .tif, .ome.tif, .ome.zarr or .png; for a folder, a folder')
    .option(
      '--by <metric>',
      'of a sweep or experiment: the model with the best validation score (default: what its spec selects by)',
    )
    .option('--method <name>', 'of a sweep or experiment: models of this method only')
    .option('--tracking-uri <uri>', 'the MLflow server that knows the run')
    .option(
      '--device <device>',
      'auto, cpu, cuda, webgpu, coreml or dml, where onnxruntime has it',
      parseDevice,
      'auto',
    )
    .option(
      '--memory <size>',
      'resident memory that is not passed, such as 2G (default: half of what is free)',
      parseMemory,
    )
    .option('--threads <n>', 'threads of the CPU (default: its cores)', positiveInteger('--threads'))
    .option('--self-ensemble', 'mean over the eight orientations: better, eight times the work')
    .option(
      '--uncertainty <models>',
      'mean and spread over further models, by comma; "seeds": the other seeds in the sweep',
      parseModels,
    )
    .option('--compare <hr>', 'measure against the fine image, or a folder of them')
    .option(
      '--levels <levels>',
      'what becomes black and white: model, percentile, range or LOW,HIGH (default: those of the model where they fit)',
      parseLevels,
      'auto',
    )
    .option('--channel <n>', 'this channel only, from 0 (default: all, each for itself)', channelIndex)
    .option('--invert', 'the network is dark (default: as the training images were)')
    .option('--no-invert', 'the network is bright')
    .option(
      '--range <low,high>',
      'the numbers of an ONNX network that does not say them, such as 0,255',
      parseRange('--range'),
    )
    .option(
      '--network [folder]',
      'write the network of the enlarged image as well: mask, centreline, graph (GraphML, JSON, SWC), branches',
    )
    .option(
      '--level <level>',
      'for --network: what is above it, in the numbers of the enlarged image; or otsu (default: that of the model)',
      parseNetworkLevel,
    )
    .option(
      '--propose [px]',
      `for --network: propose links between free ends, up to so many px apart (default: ${PROPOSAL_REACH.usual})`,
      parseReach,
    )
    .option('--force', 'write over what lies there')
    .option('--watch', 'enlarge what appears in the folder INPUT, each file once it is whole, until Ctrl-C')
    .action(async (model: string, input: string, output: string, given: Given) => {
      const options: UpscaleOptions = {
        device: given.device,
        memory: given.memory ?? null,
        threads: given.threads ?? null,
        selfEnsemble: given.selfEnsemble ?? false,
        uncertainty: given.uncertainty ?? null,
        compare: given.compare ?? null,
        levels: given.levels,
        channel: given.channel ?? null,
        invert: given.invert ?? null,
        range: given.range ?? null,
        force: given.force ?? false,
        network: networkChoice(given),
        by: given.by ?? null,
        method: given.method ?? null,
        trackingUri: given.trackingUri ?? null,
      };
      if (given.watch) await watch({ model, input, output }, options);
      else await upscale(model, input, output, options);
    });
}

/** How often a watched folder is looked at: a file is whole when two looks in turn find it the same. */
const WATCH_MS = 2000;

/** Ctrl-C ends the watch after the file that is being enlarged, a second one at once. */
async function watch(place: Parameters<typeof watchFolder>[0], options: UpscaleOptions): Promise<void> {
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  process.once('SIGTERM', () => stopped.abort());
  await watchFolder(place, options, { everyMs: WATCH_MS, signal: stopped.signal });
}
