import type { Image } from '@lacuna/core';
import { readFrames } from '../formats/read.js';
import { preprocess, type PreprocessSpec } from '../preprocess/preprocess.js';
import { MeasuredPairs, requireSameFrames, type PairDistance } from './measured-pairs.js';
import { composed } from './source-files.js';

/** The files of a measured pair. */
export interface PairFiles {
  readonly hr: string;
  readonly lr: string;
}

/** How the files of a measured pair are read. */
interface Reading {
  readonly settings: PreprocessSpec;
  readonly time?: number | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
}

/**
 * The pairs of two files, one for each time point, preprocessed, checked and, where asked for, aligned.
 * @throws {InputError} as {@link MeasuredPairs.take}, and for other numbers of time points.
 */
export async function takeFiles(
  pairs: MeasuredPairs,
  files: PairFiles,
  { settings, time, onNote }: Reading,
): Promise<{ hr: Image; lr: Image }[]> {
  const fine = await readFrames(files.hr, { time, onNote });
  const scans = await readFrames(files.lr, { time, onNote });
  requireSameFrames(files.hr, fine.length, scans.length);
  return fine.map((frame, t) => {
    const scan = preprocess(scans[t], { ...settings, pixelSize: undefined });
    return pairs.take(preprocess({ ...frame, name: composed(frame.name) }, settings), scan);
  });
}

/**
 * Registers the two files of a measured pair, whole, as `data.align: true` does before a trial.
 * @param channel which one of files that have several; null where they have one.
 * @returns how far they lie apart, one for each time point.
 * @throws {InputError} where `data.align: true` would refuse the pair, with its reason.
 */
export async function registerFiles(files: PairFiles, channel: number | null): Promise<PairDistance[]> {
  const pairs = new MeasuredPairs(true, {});
  await takeFiles(pairs, files, { settings: channel === null ? {} : { channel } });
  return pairs.distances();
}
