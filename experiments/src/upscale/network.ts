import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '@lacuna/core';
import { byAxis, openImage, type OpenImage } from '@lacuna/datasets';
import { version } from '../machine/workspace.js';
import { extensionOf, networkFiles, type NetworkFiles } from '../network/network-files.js';
import { usualSmoothing } from '../network/network-of-files.js';
import { otsuLevel, type Reading } from '../network/read-network.js';
import { requireNetworkRoom, requireOneNetwork, writeNetwork } from '../network/write-network.js';
import { contentDigest } from './content-digest.js';
import { WHITE } from './enlarge-image.js';
import { noteFinished, shortKey, wasFinished } from './finished.js';
import { stemOf, type Job } from './jobs.js';
import type { Affine } from './levels.js';
import { levelOfHead, levelOfModel, type KnownLevel } from './network-level.js';
import type { NetworkChoice } from './network-options.js';
import { factorOf, type UpscaleModel } from './open-model.js';
import type { UpscaleOptions } from './options.js';
import { clearRemains } from './rows-out.js';
import { secondOutput } from './upscale-file.js';

/** Where the network of a job goes. */
function filesOf(
  { output }: Job,
  { folder, propose = null }: NetworkChoice,
  { frames }: Pick<OpenImage, 'frames'>,
): NetworkFiles {
  const options = { frames, proposes: propose !== null };
  return networkFiles(folder ?? dirname(output), stemOf(output), extensionOf(output), options);
}

/**
 * What can be known to be wrong with a network before its image is enlarged: channels, level, room, files in its place.
 * @param room bytes that it may take.
 */
export function checkNetwork(
  job: Job,
  image: OpenImage,
  how: {
    readonly model: UpscaleModel;
    readonly options: UpscaleOptions;
    /** The network comes from the head of the model. */
    readonly head: boolean;
    readonly room: number;
  },
): void {
  const { model, options, head, room } = how;
  const { network, channel, force } = options;
  if (network === null) return;
  requireOneNetwork(image.name, channel === null ? image.channels : 1);
  if (network.level === null && !head) levelOfModel(model, options, '--network');
  const { x, y, z } = byAxis(factorOf(model));
  const size = { width: image.width * x, height: image.height * y, depth: image.depth * z };
  requireNetworkRoom(image.name, size, { bytes: room, proposes: (network.propose ?? null) !== null });
  const files = filesOf(job, network, image);
  if (force || existsSync(files.mask)) return;
  const taken = files.all.find((path) => existsSync(path));
  if (taken !== undefined)
    throw new InputError({
      who: taken,
      got: 'a file that is there already',
      wanted: 'a new name',
      remedy: 'name another folder (--network FOLDER), or write over it with --force',
    });
}

/**
 * Reads the network from an enlarged image and writes its files, unless they were made from just this image before.
 * @param how.affine what brings the image's numbers to those of training.
 * @returns paths of the files.
 */
export async function networkOfResult(
  job: Job,
  how: {
    readonly model: UpscaleModel;
    readonly options: UpscaleOptions;
    readonly affine: Affine;
    /** The network comes from the head of the model. */
    readonly head: boolean;
    readonly print: (line: string) => void;
  },
): Promise<readonly string[]> {
  const { model, options, head, print } = how;
  const choice = options.network!;
  const affine = head ? { scale: 1 / WHITE, offset: 0 } : how.affine;
  const smoothing = model.spec?.evaluation.smoothing ?? usualSmoothing;
  const known = knownLevel(model, options, head);
  const image = await openImage(job.output);
  const shown = head ? await openImage(secondOutput(job.output, 'network')) : image;
  try {
    const files = filesOf(job, choice, image);
    const { propose = null } = choice;
    const told = [version, 'network', choice.level, known, smoothing, affine];
    const settings = JSON.stringify(propose === null ? told : [...told, propose]);
    const making = {
      settings: createHash('sha256').update(settings).digest('hex'),
      input: await contentDigest(shown.path),
    };
    if (!options.force && (await wasFinished(files.all, making))) {
      print(`${image.name}: network written before, ${files.mask}`);
      return files.all;
    }
    clearRemains(files.mask);
    const reading: Reading = {
      affine,
      smoothing,
      ...(known ?? (await toldLevel(shown, choice, { affine, smoothing }))),
    };
    const software = `Lacuna ${version} upscale ${shortKey(making)}`;
    const dark = how.affine.scale < 0;
    const source = { image: shown, intensities: image, channel: 0, dark, reading, propose };
    await writeNetwork({ ...source, files, software, print });
    await noteFinished(files.all, making);
    return files.all;
  } finally {
    await image.close();
    if (head) await shown.close();
  }
}

/** The level that the model knows of its head or of its image; null where the user names one. */
function knownLevel(model: UpscaleModel, options: UpscaleOptions, head: boolean): KnownLevel | null {
  const { headLevel } = model;
  if (head && headLevel !== null) return levelOfHead(headLevel);
  return options.network!.level === null ? levelOfModel(model, options, '--network') : null;
}

/** A level that the user names. */
async function toldLevel(
  image: OpenImage,
  { level }: NetworkChoice,
  reading: Pick<Reading, 'affine' | 'smoothing'>,
): Promise<KnownLevel> {
  const { scale, offset } = reading.affine;
  if (typeof level === 'number') return { level: level * scale + offset, origin: 'as told' };
  return { level: await otsuLevel({ image, channel: 0, reading }), origin: "Otsu's of the enlarged image" };
}
