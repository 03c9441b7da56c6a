import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, printable, type PixelSize } from '@lacuna/core';
import { isZarrStore, listImages, openImage, type OpenImage } from '@lacuna/datasets';
import { evaluationSpec } from '@lacuna/iqa';
import { defaultMemory } from '@lacuna/onnx';
import { version } from '../machine/workspace.js';
import { stemOf } from '../upscale/jobs.js';
import { clearRemains } from '../upscale/rows-out.js';
import { extensionOf, networkFiles, type NetworkFiles } from './network-files.js';
import { otsuLevel, type Reading } from './read-network.js';
import { requireNetworkRoom, requireOneNetwork, writeNetwork } from './write-network.js';

/** What `lacuna network` is told besides INPUT. */
export interface NetworkOptions {
  /** Folder of the files. */
  readonly out: string;
  /** In the numbers of the image, or Otsu's of each image. */
  readonly level: number | 'otsu';
  /** The network is dark. */
  readonly invert: boolean;
  /** Sigma in px; null for that of the scores. */
  readonly smoothing: number | null;
  /** Null where there is one. */
  readonly channel: number | null;
  /** Where the file does not say it. */
  readonly pixelSize: PixelSize | null;
  /** Bytes; null leaves half of what is free. */
  readonly memory: number | null;
  readonly force: boolean;
  /** Px that proposed links may bridge; null, and by default: none. */
  readonly propose?: number | null;
}

/** The smoothing of the scores where nobody says another. */
export const usualSmoothing = evaluationSpec.parse({}).smoothing;

/** An image whose network is to be written, and where to. */
interface Place {
  readonly input: string;
  readonly files: NetworkFiles;
}

/**
 * Writes the network of an image, or of each image of a folder: what can be known to be wrong is said before the first.
 * @returns all files written.
 */
export async function networkOfFiles(
  input: string,
  options: NetworkOptions,
  print: (line: string) => void = (line) => console.log(printable(line)),
): Promise<string[]> {
  if (!existsSync(input))
    throw new InputError({ who: input, got: 'no such file or folder', wanted: 'an image or a folder of images' });
  if (existsSync(options.out) && !statSync(options.out).isDirectory())
    throw new InputError({
      who: '--out',
      got: `${options.out}, a file`,
      wanted: 'a folder for the files of a network',
    });
  const many = statSync(input).isDirectory() && !isZarrStore(input);
  const places: Place[] = [];
  for (const path of many ? listImages(input) : [input]) places.push(await checked(path, options));
  requireOwnNames(places);
  for (const { input: path, files } of places) await networkOfFile(path, files, options, print);
  return places.flatMap(({ files }) => files.all);
}

/** Opens an image once and says what does not fit. */
async function checked(input: string, options: NetworkOptions): Promise<Place> {
  const image = await openImage(input);
  await image.close();
  const { channel, out, force } = options;
  if (channel === null) requireOneNetwork(image.name, image.channels);
  else if (channel >= image.channels)
    throw new InputError({
      who: '--channel',
      got: `${channel} of ${image.name}`,
      wanted: `0 to ${image.channels - 1}`,
    });
  const proposes = (options.propose ?? null) !== null;
  requireNetworkRoom(image.name, image, { bytes: options.memory ?? defaultMemory(), proposes });
  const files = networkFiles(out, stemOf(input), formatFor(input), { frames: image.frames, proposes });
  const taken = force ? undefined : files.all.find((path) => existsSync(path));
  if (taken !== undefined)
    throw new InputError({
      who: taken,
      got: 'a file that is there already',
      wanted: 'a new name',
      remedy: 'name another folder, or write over it with --force',
    });
  return { input, files };
}

/** Mask and centreline are written as the image is; what is not written as such becomes a TIFF. */
function formatFor(input: string): string {
  const extension = extensionOf(input).toLowerCase();
  if (isZarrStore(input)) return '.ome.zarr';
  return /^\.ome\.tiff?$/.test(extension) ? '.ome.tif' : '.tif';
}

function requireOwnNames(places: readonly Place[]): void {
  const taken = new Map<string, string>();
  for (const { input, files } of places) {
    const other = taken.get(files.branches);
    if (other !== undefined)
      throw new InputError({
        who: input,
        got: `the files of ${basename(other)} under the same names (${basename(files.branches)})`,
        wanted: 'images whose names differ in more than their format',
        remedy: 'rename one',
      });
    taken.set(files.branches, input);
  }
}

async function networkOfFile(
  input: string,
  files: NetworkFiles,
  options: NetworkOptions,
  print: (line: string) => void,
): Promise<void> {
  const opened = await openImage(input);
  const isKnown = opened.pixelSize !== null && (opened.depth === 1 || opened.pixelSize.z !== undefined);
  const pixelSize = isKnown ? opened.pixelSize : (options.pixelSize ?? opened.pixelSize);
  const image: OpenImage = { ...opened, pixelSize };
  try {
    for (const note of image.notes) print(`${image.name}: ${note}`);
    clearRemains(files.mask);
    const channel = options.channel ?? 0;
    const smoothing = options.smoothing ?? usualSmoothing;
    const affine = { scale: options.invert ? -1 : 1, offset: 0 };
    const told = options.level === 'otsu' ? null : options.level * affine.scale;
    const reading: Reading = {
      affine,
      smoothing,
      level: told ?? (await otsuLevel({ image, channel, reading: { affine, smoothing } })),
      origin: told === null ? "Otsu's of the image" : 'as told',
    };
    await writeNetwork({
      image,
      intensities: image,
      dark: options.invert,
      channel,
      reading,
      propose: options.propose ?? null,
      files,
      software: `Lacuna ${version} network`,
      print,
    });
    print(`${image.name}: ${files.all.join(', ')}`);
  } finally {
    await opened.close();
  }
}
