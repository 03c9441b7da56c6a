import { InputError } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import type { Directory } from './directories.js';
import type { TiffPage } from './page.js';

/** Colours of a palette: one channel where all are grey, else three. */
export interface Palette {
  readonly channels: 1 | 3;
  /** Of the colours, not of the indices. */
  readonly bits: 8 | 16;
  /** Channels of each colour, one after the other. */
  readonly colours: Float32Array;
}

const COLOUR_MAP = 320;

/**
 * The colours that the indices of a page stand for: all reds, then greens, then blues, 16 bits each. Colours that were
 * made of 8 bits come out as these.
 * @throws {InputError} where they are missing.
 */
export function readPalette(who: string, page: TiffPage, directory: Directory): Palette {
  if (page.samples !== 1 || page.bits > 8)
    throw new InputError({
      who,
      got: `palette indices of ${page.samples} x ${page.bits} bits`,
      wanted: 'one index of at most 8 bits a pixel',
      remedy: 'save it again as RGB',
    });
  const entries = 2 ** page.bits;
  const map = directory.numbers(COLOUR_MAP);
  if (map.length < 3 * entries) throw damagedFile(who, 'TIFF', `a palette of ${map.length} of ${3 * entries} values`);
  const used = map.subarray(0, 3 * entries);
  // 8 bits are widened to 16 by 257; some writers shift them, or leave them as they are.
  const divisor = [257, 256].find((step) => used.every((value) => value % step === 0)) ?? 1;
  const narrow = divisor > 1 || used.every((value) => value < 256);
  const grey = used.subarray(0, entries).every((red, i) => red === used[entries + i] && red === used[2 * entries + i]);
  const channels = grey ? 1 : 3;
  const colours = new Float32Array(entries * channels);
  for (let i = 0; i < entries; i++) {
    for (let c = 0; c < channels; c++) colours[i * channels + c] = used[c * entries + i] / (narrow ? divisor : 1);
  }
  return { channels, bits: narrow ? 8 : 16, colours };
}

/** Where looked up colours go: channels `first` and on, at `at` of each pixel of `step` values. */
export interface ColourTarget {
  readonly first: number;
  readonly take: number;
  readonly out: Float32Array;
  readonly at: number;
  readonly step: number;
}

/** Colours of some indices. */
export function lookUp({ channels, colours }: Palette, indices: Float32Array, target: ColourTarget): void {
  const { first, take, out, at, step } = target;
  for (let i = 0; i < indices.length; i++) {
    for (let c = 0; c < take; c++) out[i * step + at + c] = colours[indices[i] * channels + first + c];
  }
}
