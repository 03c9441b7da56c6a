import type { Command } from 'commander';
import { InputError, parsePixelSize } from '@lacuna/core';
import { networkOfFiles, usualSmoothing } from '../network/network-of-files.js';
import { PROPOSAL_REACH, parseReach, reachOf } from '../network/proposals.js';
import { parseNetworkLevel } from '../upscale/network-options.js';
import { parseMemory } from '../upscale/options.js';
import { wholeNumber } from './options.js';

interface Given {
  readonly level: number | 'otsu';
  readonly out: string;
  readonly invert?: boolean;
  readonly smoothing?: number;
  readonly channel?: number;
  readonly pixelSize?: string;
  readonly memory?: number;
  readonly force?: boolean;
  readonly propose?: number | true;
}

/** `lacuna network`: the network of an image as files. */
export function register(program: Command): void {
  program
    .command('network')
    .description(
      'write the network of an image: mask, centreline, graph (GraphML, JSON, SWC), table of branches, picture',
    )
    .argument('<input>', 'TIFF (also stacks and OME), OME-Zarr, PNG, JPEG, or a folder of them')
    .requiredOption(
      '--level <level>',
      'what is network: brighter than a number, in those of the image; or otsu',
      parseNetworkLevel,
    )
    .requiredOption('--out <folder>', "where the files go, under the image's name")
    .option('--invert', 'the network is dark: what is below the level')
    .option(
      '--smoothing <sigma>',
      `px of the Gaussian before the level, in the plane; 0 for none (default: ${usualSmoothing}, as scores do)`,
      parseSmoothing,
    )
    .option('--channel <n>', 'of an image of several, from 0', wholeNumber('--channel'))
    .option('--pixel-size <length>', 'where the file does not say it: 0.1um or 0.1um,0.1um,0.3um')
    .option(
      '--memory <size>',
      'what the network of a time point may take, such as 8G (default: half of what is free)',
      parseMemory,
    )
    .option(
      '--propose [px]',
      `propose links between free ends, up to so many px apart (default: ${PROPOSAL_REACH.usual}); nothing is joined`,
      parseReach,
    )
    .option('--force', 'write over what lies there')
    .action(async (input: string, given: Given) => {
      await networkOfFiles(input, {
        out: given.out,
        level: given.level,
        invert: given.invert ?? false,
        smoothing: given.smoothing ?? null,
        channel: given.channel ?? null,
        pixelSize: given.pixelSize === undefined ? null : parsePixelSize(given.pixelSize),
        memory: given.memory ?? null,
        force: given.force ?? false,
        propose: reachOf(given.propose),
      });
    });
}

function parseSmoothing(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || value > 20)
    throw new InputError({ who: '--smoothing', got: text, wanted: 'px from 0 to 20' });
  return value;
}
