import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { InputError, nearestName } from '@lacuna/core';
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
      const { fine, coarse } = pairFolders(spec, baseDir);
      return fine.map((path) => ({
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

/**
 * The files of the two folders of measured pairs without those that `exclude` names: the fine ones in order, the coarse
 * ones by their stem.
 * @throws {InputError} for folders without images, for a name of `exclude` that is no fine image, and where no pair is
 * left.
 */
export function pairFolders(
  spec: Of<'pairs'>,
  baseDir: string,
): { readonly fine: string[]; readonly coarse: Map<string, string> } {
  const hr = under(baseDir, spec.hr);
  const lr = under(baseDir, spec.lr);
  const all = listImages(hr);
  const out = excludedStems(all, spec.exclude ?? [], hr);
  const isKept = (path: string) => !out.has(stemOf(path));
  const fine = namedLike(all, spec.pattern, hr).filter(isKept);
  if (fine.length === 0)
    throw new InputError({
      who: 'data.exclude',
      got: `all images of ${hr}`,
      wanted: 'at least one pair that is left',
      remedy: 'take names out of data.exclude',
    });
  const coarse = namedLike(listImages(lr), spec.pattern, lr).filter(isKept);
  return { fine, coarse: new Map(coarse.map((path) => [stemOf(path), path])) };
}

/** What the pairs are called that `exclude` names by their fine images. */
function excludedStems(paths: readonly string[], exclude: readonly string[], folder: string): Set<string> {
  const names = new Set(paths.map((path) => composed(basename(path))));
  for (const name of exclude) {
    if (names.has(composed(name))) continue;
    const near = nearestName(composed(name), names);
    throw new InputError({
      who: 'data.exclude',
      got: name,
      wanted: `the name of an image in ${folder}`,
      remedy: near === undefined ? 'name files as the folder has them, with their endings' : `did you mean ${near}?`,
    });
  }
  return new Set(exclude.map(stemOf));
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
