import { InputError } from '@lacuna/core';
import { damagedFile, type ByteSource } from '../byte-source.js';
import { readDirectory, type Directory, type TiffChain } from './directories.js';

/** TIFF's SampleFormat. */
const UNSIGNED = 1;
export const SIGNED = 2;
export const FLOAT = 3;
/** TIFF's PlanarConfiguration: each channel in chunks of its own. */
const SEPARATE = 2;

/** How one page's pixels are stored. Chunks are strips or tiles; a strip is as wide as the page. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly bits: number;
  readonly format: number;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: number;
  readonly reversedBits: boolean;
  readonly separate: boolean;
  readonly chunkWidth: number;
  readonly chunkHeight: number;
  readonly tiled: boolean;
  readonly across: number;
  readonly down: number;
  readonly offsets: Float64Array;
  readonly counts: Float64Array;
  /** Tables that JPEG chunks share. */
  readonly jpegTables: Uint8Array | null;
  /** Kinds of the samples beyond the colours; null where the file does not say. */
  readonly extra: readonly number[] | null;
}

/**
 * Reads and checks the tags that say how a page is stored.
 * @throws {InputError} for sizes that cannot be and kinds that are not known.
 */
export function readPage(
  source: ByteSource,
  chain: TiffChain,
  index: number,
): { page: TiffPage; directory: Directory } {
  const directory = readDirectory(source, chain, chain.offsets[index]);
  const damaged = (what: string) => damagedFile(source.name, 'TIFF', what);
  const whole = (tag: number, name: string, otherwise: number, most = 2 ** 31): number => {
    const value = directory.number(tag, otherwise);
    if (!Number.isInteger(value) || value < 1 || value > most) throw damaged(`${name} ${value} on page ${index + 1}`);
    return value;
  };
  const width = whole(256, 'width', 0);
  const height = whole(257, 'height', 0);
  const samples = whole(277, 'samples', 1, 65535);
  const allBits = directory.numbers(258);
  const bits = allBits[0] ?? 1;
  const format = directory.numbers(339)[0] ?? UNSIGNED;
  if (allBits.some((value) => value !== bits))
    throw new InputError({
      who: source.name,
      got: `samples of ${[...allBits].slice(0, 8).join(', ')} bits`,
      wanted: 'one number of bits for all channels',
    });
  requireKnown(source.name, bits, format);
  const tiled = directory.has(322) || directory.has(324);
  const chunkWidth = tiled ? whole(322, 'tile width', 0) : width;
  const chunkHeight = tiled
    ? whole(323, 'tile height', 0)
    : Math.min(height, whole(278, 'rows a strip', height, 2 ** 32));
  const across = Math.ceil(width / chunkWidth);
  const down = Math.ceil(height / chunkHeight);
  const separate = directory.number(284, 1) === SEPARATE && samples > 1;
  const chunks = across * down * (separate ? samples : 1);
  const offsets = directory.numbers(tiled && directory.has(324) ? 324 : 273);
  if (offsets.length < chunks)
    throw damaged(`${offsets.length} of ${chunks} ${tiled ? 'tiles' : 'strips'} on page ${index + 1}`);
  const compression = directory.number(259, 1);
  let counts = directory.numbers(tiled && directory.has(325) ? 325 : 279);
  if (counts.length < chunks) {
    // Old writers leave the lengths out; without compression they follow from the sizes.
    if (counts.length > 0 || compression !== 1)
      throw damaged(`lengths of ${counts.length} of ${chunks} ${tiled ? 'tiles' : 'strips'} on page ${index + 1}`);
    counts = new Float64Array(chunks).fill(Math.ceil((chunkWidth * (separate ? 1 : samples) * bits) / 8) * chunkHeight);
  }
  return {
    directory,
    page: {
      width,
      height,
      samples,
      bits,
      format,
      compression,
      separate,
      tiled,
      chunkWidth,
      chunkHeight,
      across,
      down,
      offsets,
      counts,
      predictor: directory.number(317, 1),
      photometric: directory.number(262, 1),
      reversedBits: directory.number(266, 1) === 2,
      jpegTables: directory.bytes(347),
      extra: directory.has(338) ? [...directory.numbers(338)] : null,
    },
  };
}

/** Bits of each sample format that are read. */
const knownBits: Record<number, readonly number[]> = {
  [UNSIGNED]: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 32, 64],
  [SIGNED]: [8, 16, 32, 64],
  [FLOAT]: [16, 32, 64],
  // "Undefined": read as whole numbers.
  4: [8, 16, 32],
};
const formatNames: Record<number, string> = {
  [UNSIGNED]: 'integers',
  [SIGNED]: 'signed integers',
  [FLOAT]: 'floats',
  4: 'undefined samples',
};

function requireKnown(who: string, bits: number, format: number): void {
  if (knownBits[format]?.includes(bits)) return;
  throw new InputError({
    who,
    got: `${formatNames[format] ?? `sample format ${format}`} of ${bits} bits`,
    wanted: 'integers of 1 to 16, 32 or 64 bits, signed ones of 8 to 64, floats of 16, 32 or 64',
    remedy: 'save it as 16-bit integers or 32-bit floats',
  });
}

/** Samples of a pixel that are colours or measurements: those before the alpha channels. */
export function colourSamples({ extra, samples }: TiffPage): number {
  return Math.max(1, samples - alphaSamples(extra, samples));
}

/** An extra sample of kind 1 or 2 is alpha; where the file does not say, the second or the fourth of a pixel. */
function alphaSamples(extra: readonly number[] | null, samples: number): number {
  if (extra) return extra.filter((kind) => kind === 1 || kind === 2).length;
  return samples === 4 || samples === 2 ? 1 : 0;
}
