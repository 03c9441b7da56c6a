import { readFileSync } from 'node:fs';
import { InputError, nearestName, type PixelSize } from '@lacuna/core';
import type { PreprocessSpec } from '../preprocess/preprocess.js';

/** Public data that Lacuna fetches by name, every file pinned. */
export const registryIds = [
  'fibres',
  'bone-pores',
  'bone-ct',
  'sandstone',
  'trabecular',
  'retina',
  'set5',
  'set14',
  'bsd100',
  'urban100',
  'drive',
] as const;
/** Public measured pairs of volumes that Lacuna fetches by name. */
export const pairIds = ['rock-pair'] as const;
/** Public data of pairs that come as archives: unpacked and pinned by hand, read by an adapter of their own. */
export const describedIds = ['biosr', 'sr-caco-2'] as const;
export type RegistryId = (typeof registryIds)[number] | (typeof pairIds)[number] | (typeof describedIds)[number];

/**
 * Where an entry's files come from: a commit of a public repository, a file inside a Python wheel, addresses of
 * archives, or a page where people get them by hand.
 */
export type Origin =
  | { readonly kind: 'repository'; readonly repository: string; readonly commit: string; readonly path: string }
  | { readonly kind: 'addresses'; readonly page: string; readonly urls: Readonly<Record<string, string>> }
  | { readonly kind: 'by-hand'; readonly page: string }
  | {
      readonly kind: 'wheel';
      readonly package: string;
      readonly version: string;
      readonly sha256: string;
      readonly path: string;
    };

/** One entry: what it shows, whose it is, what may be done with it, and the checksum of every file. */
export interface RegistryEntry {
  readonly id: RegistryId;
  readonly title: string;
  /**
   * `stack`: the files are consecutive slices of one volume. `images`: each file stands for itself. `pair`: they are
   * crops of a coarse and a fine volume of one field.
   */
  readonly layout: 'stack' | 'images' | 'pair';
  readonly modality: string;
  readonly licence: string;
  readonly attribution: string;
  readonly citation: string;
  /** Format, quirks, and how to use it. */
  readonly notes: string;
  /** What to heed before fetching: nothing, no commercial use, a registration, or a licence that nobody stated. */
  readonly terms: 'open' | 'non-commercial' | 'registration' | 'unstated';
  readonly origin: Origin;
  readonly pixelSize: PixelSize | null;
  /** How to split it without showing the same structure twice. */
  readonly splitAdvice: string;
  /** What was added to signed intensities to store them as unsigned; taken away on reading. */
  readonly offset: number;
  /** Channel, inversion and crop that bring out the network, unless the spec says otherwise. */
  readonly defaults: PreprocessSpec;
  /**
   * File name to SHA-256 (MD5 where its publisher gives no more), length in bytes, and its path below that of a
   * repository where it has another name there.
   */
  readonly files: Readonly<Record<string, readonly [checksum: string, bytes: number, path?: string]>>;
}

let entries: Record<string, Omit<RegistryEntry, 'id'>> | undefined;

/**
 * An entry by its id.
 * @throws {InputError} for an unknown id, with the nearest one.
 */
export function registryEntry(id: string): RegistryEntry {
  entries ??= JSON.parse(readFileSync(new URL('./registry.json', import.meta.url), 'utf8')) as Record<
    string,
    Omit<RegistryEntry, 'id'>
  >;
  const all = [...registryIds, ...pairIds, ...describedIds];
  const known = all.find((name) => name === id);
  if (!known) {
    const near = nearestName(id, all);
    throw new InputError({
      who: 'data.source',
      got: id,
      wanted: all.join(', '),
      ...(near ? { remedy: `did you mean ${near}?` } : {}),
    });
  }
  return { id: known, ...entries[known] };
}

/** What must be said before an entry is fetched; null where its licence is open. */
export function termsOf({ id, terms, licence }: RegistryEntry): string | null {
  switch (terms) {
    case 'non-commercial':
      return `${id} may not be used commercially (${licence})`;
    case 'registration':
      return `${id} asks for a registration with its authors (${licence})`;
    case 'unstated':
      return `nobody stated a licence for ${id}: compare methods with it, do not pass it on`;
    default:
      return null;
  }
}

/**
 * Refuses an entry whose files are not pinned.
 * @throws {InputError} that says where to get them and how to use them.
 */
export function requirePinned(entry: RegistryEntry): void {
  if (Object.keys(entry.files).length > 0 || entry.origin.kind !== 'by-hand') return;
  const terms = termsOf(entry);
  throw new InputError({
    who: `data ${entry.id}`,
    got: 'an entry that is not pinned: no checksums of its files are known here',
    wanted: 'verified files',
    remedy: `${terms ? `${terms}; ` : ''}get it from ${entry.origin.page} and use its folder. ${entry.notes}`,
  });
}

/** All entries, in the registry's order. */
export function listRegistry(): RegistryEntry[] {
  return [...registryIds, ...pairIds, ...describedIds].map((id) => registryEntry(id));
}
