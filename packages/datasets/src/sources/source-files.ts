import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { InputError } from '@lacuna/core';
import { listImages } from '../formats/list-images.js';
import type { Role } from '../split/place.js';
import { globImages, isGlob, namedLike } from './glob.js';
import { readManifest } from './manifest.js';
import type { DataSpec } from './spec.js';

/** An image of the user's that a source reads. */
export interface SourceFile {
  readonly path: string;
  /** The name that the split and the degradation know it by. */
  readonly name: string;
  readonly role: Role | null;
  /** A measured coarse scan of the same field. */
  readonly lr: string | null;
}

type Of<Source extends DataSpec['source']> = Extract<DataSpec, { source: Source }>;

/**
 * The user's files that a data spec reads, in order, without opening one; null for public and synthetic data, which
 * the spec pins.
 * @throws {InputError} for folders and manifests that are missing or hold no image.
 */
export function sourceFiles(spec: DataSpec, baseDir: string): SourceFile[] | null {
  switch (spec.source) {
    case 'folder': {
      const { folder, paths, isPattern } = folderPaths(spec, baseDir);
      const nameOf = (path: string) => (isPattern ? relative(folder, path).split(sep).join('/') : basename(path));
      return paths.map((path) => ({ path, name: composed(nameOf(path)), role: null, lr: null }));
    }
    case 'pairs': {
      const coarse = new Map(pairFolder(spec.lr, spec, baseDir).map((path) => [stemOf(path), path]));
      return pairFolder(spec.hr, spec, baseDir).map((path) => ({
        path,
        name: composed(basename(path)),
        role: null,
        lr: coarse.get(stemOf(path)) ?? null,
      }));
    }
    case 'manifest':
      return readManifest(under(baseDir, spec.path)).map(({ path, specimen, role, lr }) => ({
        path,
        name: specimen,
        role,
        lr,
      }));
    default:
      return null;
  }
}

/** A name in one spelling: file systems write é as one letter or as e and an accent. */
export const composed = (name: string): string => name.normalize('NFC');

/** The files of a folder or a pattern. */
export function folderPaths(
  spec: Of<'folder'>,
  baseDir: string,
): { folder: string; paths: string[]; isPattern: boolean } {
  const path = under(baseDir, spec.path);
  const isPattern = isGlob(spec.path);
  const { folder, paths } = isPattern ? globImages(path) : { folder: path, paths: listImages(path) };
  return { folder, paths: pick(namedLike(paths, spec.pattern, folder), spec.slices, folder), isPattern };
}

/** The files of one of the two folders of measured pairs. */
export function pairFolder(folder: string, { pattern }: Of<'pairs'>, baseDir: string): string[] {
  const path = under(baseDir, folder);
  return namedLike(listImages(path), pattern, path);
}

/** What both files of a measured pair are called, without endings. */
export const stemOf = (path: string): string => composed(basename(path)).replace(/(\.ome)?\.[^.]+$/i, '');

/** A path of a spec: as it is, or from the folder that relative ones start at. */
export function under(baseDir: string, path: string): string {
  return isAbsolute(path) ? path : resolve(baseDir, path);
}

/** Those of a sorted list that a spec's `slices` name. @throws {InputError} where these are none. */
export function pick(names: readonly string[], slices: Of<'folder'>['slices'], who: string): string[] {
  if (!slices) return [...names];
  const { from, step, count = Infinity } = slices;
  const picked = names.filter((_, i) => i >= from && (i - from) % step === 0).slice(0, count);
  if (picked.length === 0)
    throw new InputError({ who, got: `slices from ${from}`, wanted: `0 to ${names.length - 1}` });
  return picked;
}
