import { readFileSync } from 'node:fs';
import { InputError, nearestName, type PixelSize } from '@lacuna/core';
import type { PreprocessSpec } from '../preprocess.js';

/** Public data that Lacuna knows by name. */
export const registryIds = ['fibres', 'bone-pores', 'bone-ct', 'sandstone', 'trabecular', 'retina'] as const;
export type RegistryId = (typeof registryIds)[number];

/** Where an entry's files come from: a commit of a public repository, or a file inside a Python wheel. */
export type Origin =
  | { readonly kind: 'repository'; readonly repository: string; readonly commit: string; readonly path: string }
  | { readonly kind: 'wheel'; readonly package: string; readonly version: string; readonly sha256: string; readonly path: string };

/** One entry: what it shows, whose it is, what may be done with it, and the SHA-256 of every file. */
export interface RegistryEntry {
  readonly id: RegistryId;
  readonly title: string;
  /** `stack`: the files are consecutive slices of one volume. `images`: each file stands for itself. */
  readonly layout: 'stack' | 'images';
  readonly modality: string;
  readonly licence: string;
  readonly attribution: string;
  readonly origin: Origin;
  readonly pixelSize: PixelSize | null;
  /** How to split it without showing the same structure twice. */
  readonly splitAdvice: string;
  /** What was added to signed intensities to store them as unsigned; taken away on reading. */
  readonly offset: number;
  /** Channel, inversion and crop that bring out the network, unless the spec says otherwise. */
  readonly defaults: PreprocessSpec;
  /** File name to SHA-256 and length in bytes. */
  readonly files: Readonly<Record<string, readonly [sha256: string, bytes: number]>>;
}

let entries: Record<string, Omit<RegistryEntry, 'id'>> | undefined;

/**
 * An entry by its id.
 * @throws {InputError} for an unknown id, with the nearest one.
 */
export function registryEntry(id: string): RegistryEntry {
  entries ??= JSON.parse(readFileSync(new URL('./registry.json', import.meta.url), 'utf8')) as Record<string, Omit<RegistryEntry, 'id'>>;
  const known = registryIds.find((name) => name === id);
  if (!known) {
    const near = nearestName(id, registryIds);
    throw new InputError({ who: 'data.source', got: id, wanted: registryIds.join(', '), ...(near ? { remedy: `did you mean ${near}?` } : {}) });
  }
  return { id: known, ...entries[known]! };
}

/** All entries, in the registry's order. */
export function listRegistry(): RegistryEntry[] {
  return registryIds.map((id) => registryEntry(id));
}
