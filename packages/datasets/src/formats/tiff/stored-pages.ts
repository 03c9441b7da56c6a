import { InputError } from '@lacuna/core';
import type { ByteSource } from '../byte-source.js';
import { requireCodec } from './codecs.js';
import type { TiffChain } from './directories.js';
import { readPage, type TiffPage } from './page.js';

/** Pages that are kept: offsets of many strips add up, a few pages at a time are enough. */
const KEPT = 64;

/** The pages of a TIFF, read when they are asked for. */
export interface StoredPages {
  readonly count: number;
  /** @throws {InputError} for a page that is not like the first. */
  page(index: number): TiffPage;
}

/**
 * Pages by their directories; where one directory stands for all images, which lie one after the other, by counting on.
 * @param announced images that the description counts on; null where it does not.
 */
export function storedPages(
  source: ByteSource,
  chain: TiffChain,
  first: TiffPage,
  announced: number | null,
): StoredPages {
  const contiguous = contiguousImages(source, chain, first, announced);
  const known = new Map<number, TiffPage>([[0, first]]);
  return {
    count: contiguous ?? chain.offsets.length,
    page(index) {
      const there = known.get(index);
      if (there) return there;
      const page = contiguous === null ? readPage(source, chain, index).page : shifted(first, index);
      requireAlike(source.name, first, page, index);
      if (known.size >= KEPT) known.delete([...known.keys()][1]);
      known.set(index, page);
      return page;
    },
  };
}

/**
 * ImageJ writes stacks above 4 GB with one directory and all images one after the other, tifffile does when it is told
 * to. Their number, where the file is such a one.
 */
function contiguousImages(
  source: ByteSource,
  chain: TiffChain,
  page: TiffPage,
  announced: number | null,
): number | null {
  const { compression, offsets, counts, tiled, separate } = page;
  if (announced === null || !(announced > chain.offsets.length) || chain.offsets.length > 1) return null;
  if (compression !== 1 || tiled || separate) return null;
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i] !== offsets[i - 1] + counts[i - 1]) return null;
  }
  return offsets[0] + announced * imageBytes(page) <= source.size ? announced : null;
}

function imageBytes({ width, samples, bits, height }: TiffPage): number {
  return Math.ceil((width * samples * bits) / 8) * height;
}

/** The page that lies `index` images after the first. */
function shifted(first: TiffPage, index: number): TiffPage {
  return { ...first, offsets: first.offsets.map((offset) => offset + index * imageBytes(first)) };
}

function requireAlike(path: string, first: TiffPage, page: TiffPage, index: number): void {
  const refuse = (got: string, before: string, wanted: string): void => {
    throw new InputError({
      who: path,
      got: `page ${index + 1} of ${got} after ${before}`,
      wanted,
      remedy: 'save the pages as files of their own',
    });
  };
  if (page.width !== first.width || page.height !== first.height)
    refuse(`${page.width} x ${page.height}`, `${first.width} x ${first.height}`, 'pages of one size');
  const kinds = [page, first].map(({ samples, bits }) => `${samples} x ${bits} bits`);
  if (page.samples !== first.samples || page.bits !== first.bits || page.format !== first.format)
    refuse(kinds[0], kinds[1], 'pages of one type');
  if (page.photometric !== first.photometric)
    refuse(`photometric kind ${page.photometric}`, `kind ${first.photometric}`, 'pages of one kind');
  requireCodec(path, page);
}
