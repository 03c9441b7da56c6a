import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError, makeFolder, type Image } from '@lacuna/core';
import { readImage, writeTiff } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { writeJson } from '../../machine/json-file.js';
import { layout } from '../../sweep/results/results.js';
import type { Pair } from '../data/pair.js';

/** What 1 is in the files: 16 bits without a sign. */
const WHITE = 65_535;

/** Splits whose images are kept: what is scored, and what a method's own level is chosen on. */
const ROLES = ['test', 'validation'] as const;
type KeptRole = (typeof ROLES)[number];

/** SR images of a trial, by split. */
export type RoleImages = Readonly<Record<KeptRole, readonly Image[]>>;

/** The regions of a trial, by split. */
export type RolePairs = Readonly<Record<KeptRole, readonly Pair[]>>;

/** `kept/kept.json`: which regions the files show. */
interface KeptManifest {
  readonly digest: string;
  readonly regions: readonly { readonly role: KeptRole; readonly file: string; readonly box: Pair['region']['box'] }[];
  readonly leftOut: number;
}

/**
 * Keeps a method's images of every test and validation region as TIFFs of 16 bits, deflated, 0 to 1 as 0 to 65535, as
 * far as `bytes` go: test regions first.
 * @returns how many found no room.
 */
export function keepImages(
  folder: string,
  { images, pairs, digest }: { readonly images: RoleImages; readonly pairs: RolePairs; readonly digest: string },
  bytes: number,
): number {
  const to = layout.kept(folder);
  makeFolder(to);
  const regions: KeptManifest['regions'][number][] = [];
  let room = bytes;
  let leftOut = 0;
  for (const role of ROLES) {
    images[role].forEach((image, i) => {
      if (room <= 0) {
        leftOut++;
        return;
      }
      const file = `${role}-${String(i).padStart(3, '0')}.tif`;
      const numbers = { ...image, data: image.data.map((value) => value * WHITE) };
      writeTiff(join(to, file), numbers, { type: 'uint16', compression: 'deflate' });
      room -= statSync(join(to, file)).size;
      regions.push({ role, file, box: pairs[role][i].region.box });
    });
  }
  writeJson(join(to, 'kept.json'), { digest, regions, leftOut } satisfies KeptManifest);
  return leftOut;
}

/**
 * The kept images of a trial's regions.
 * @throws {FailureError} where the trial kept none or not all, or the data are not those that it saw.
 */
export async function readKeptImages(
  folder: string,
  { name, pairs, digest }: { readonly name: string; readonly pairs: RolePairs; readonly digest: string },
): Promise<RoleImages> {
  const manifest = readManifest(folder, name);
  if (manifest.digest !== digest)
    throw new FailureError({
      who: name,
      got: 'data with other intensities than the trial saw',
      wanted: 'the same data, whose fine images are the reference',
      remedy: 'bring the files back as they were, or run the sweep again',
    });
  const of = async (role: KeptRole): Promise<Image[]> => {
    const images: Image[] = [];
    for (const { region, hr } of pairs[role]) {
      const box = canonicalJson(region.box);
      const kept = manifest.regions.find((each) => each.role === role && canonicalJson(each.box) === box);
      if (!kept) throw notAllKept(name, role, manifest);
      const image = await readImage(join(layout.kept(folder), kept.file));
      images.push({ ...hr, data: image.data.map((value) => value / WHITE) });
    }
    return images;
  };
  return { test: await of('test'), validation: await of('validation') };
}

function readManifest(folder: string, name: string): KeptManifest {
  const path = join(layout.kept(folder), 'kept.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as KeptManifest;
  throw new FailureError({
    who: name,
    got: `no kept images (${path})`,
    wanted: 'the images of its test regions',
    remedy: 'run the sweep again with keep.images: all; older sweeps kept one region',
  });
}

const notAllKept = (name: string, role: KeptRole, { regions, leftOut }: KeptManifest): FailureError =>
  new FailureError({
    who: name,
    got: `images of ${regions.length} regions, ${leftOut} left out for want of room, one of them for ${role}`,
    wanted: 'the images of every test and validation region',
    remedy: 'run the sweep again with a larger keep.limit',
  });
