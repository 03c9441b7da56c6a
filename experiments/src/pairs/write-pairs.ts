import { statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, type Image } from '@lacuna/core';
import { writeTiff, type Role } from '@lacuna/datasets';
import type { Mask } from '@lacuna/iqa';
import { writeJson } from '../machine/json-file.js';
import type { TrialSpec } from '../sweep/spec/spec.js';
import type { Pair } from '../trial/data/pair.js';
import type { PreparedData } from '../trial/data/prepare.js';

/** One pair in `pairs.json`; paths are from its folder. */
interface WrittenPair {
  readonly role: Role;
  /** Where the region lies in its image, HR pixels. */
  readonly box: Pair['region']['box'];
  readonly lr: string;
  readonly hr: string;
  /** The known network and its centreline, 0 and 1. */
  readonly mask?: string;
  readonly skeleton?: string;
}

/** `pairs.json`: what other programs have to know of the files beside it. */
interface PairsManifest {
  readonly version: 1;
  /** Intensities are normalised: 0 and 1 are these numbers of the source. LR images go beyond by their noise. */
  readonly normalisation: { readonly low: number; readonly high: number };
  /** The network's level in normalised, smoothed HR images. */
  readonly level: number;
  readonly factor: TrialSpec['degradation']['factor'];
  readonly pixelSize: { readonly hr: Image['pixelSize']; readonly lr: Image['pixelSize'] };
  readonly data: { readonly description: string; readonly digest: string };
  readonly degradation: TrialSpec['degradation'];
  readonly split: TrialSpec['split'];
  readonly pairs: readonly WrittenPair[];
  /** Pairs that found no room. */
  readonly leftOut: number;
}

/** What is written, and how much. */
interface PairsOptions {
  readonly folder: string;
  readonly roles: readonly Role[];
  /** Pairs beyond so many bytes are left out. */
  readonly bytes?: number;
}

/**
 * Writes prepared pairs as TIFFs of float32 with their pixel size, `ROLE/{lr,hr,mask,skeleton}/NNN.tif`, the same name
 * for the parts of a pair, and `pairs.json`.
 */
export function writePairs(data: PreparedData, spec: TrialSpec, options: PairsOptions): PairsManifest {
  const { folder, roles, bytes = Infinity } = options;
  const written: WrittenPair[] = [];
  let room = bytes;
  let leftOut = 0;
  for (const role of roles) {
    pairsOf(data, role).forEach((pair, i) => {
      if (room <= 0) {
        leftOut++;
        return;
      }
      const made = writePair(pair, { folder, role, index: i });
      room -= made.bytes;
      written.push(made.pair);
    });
  }
  const [{ hr, lr }] = data.validation;
  const manifest: PairsManifest = {
    version: 1,
    normalisation: data.normalisation,
    level: data.level,
    factor: spec.degradation.factor,
    pixelSize: { hr: hr.pixelSize, lr: lr.pixelSize },
    data: { description: data.source.description, digest: data.source.digest },
    degradation: spec.degradation,
    split: spec.split,
    pairs: written,
    leftOut,
  };
  writeJson(join(folder, 'pairs.json'), manifest);
  return manifest;
}

function pairsOf(data: PreparedData, role: Role): readonly Pair[] {
  return role === 'test' ? data.test() : data[role];
}

function writePair(
  pair: Pair,
  { folder, role, index }: { readonly folder: string; readonly role: Role; readonly index: number },
): { readonly pair: WrittenPair; readonly bytes: number } {
  const { lr, hr, truth, region } = pair;
  const name = `${String(index).padStart(3, '0')}.tif`;
  let bytes = 0;
  const write = (part: string, image: Image, type: 'float32' | 'uint8'): string => {
    makeFolder(join(folder, role, part));
    const path = join(folder, role, part, name);
    writeTiff(path, image, { type, compression: 'deflate' });
    bytes += statSync(path).size;
    return `${role}/${part}/${name}`;
  };
  const files = {
    lr: write('lr', lr, 'float32'),
    hr: write('hr', hr, 'float32'),
    ...(truth && {
      mask: write('mask', imageOf(truth.mask, hr), 'uint8'),
      skeleton: write('skeleton', imageOf(truth.skeleton, hr), 'uint8'),
    }),
  };
  return { pair: { role, box: region.box, ...files }, bytes };
}

const imageOf = (mask: Mask, hr: Image): Image => ({ ...hr, data: Float32Array.from(mask.data) });
