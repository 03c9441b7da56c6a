import type { Image, Rng } from '@lacuna/core';
import { splitNoise, type DegradationSpec } from '@lacuna/datasets';
import { matchedShares } from '@lacuna/iqa';
import type { MeasuredBranch, MeasuredNetwork } from '../network/measured.js';
import { readNetwork, type NetworkReading, type Restorer } from './read-network.js';

/** Share of its pixels from which another network has a branch, as networks are compared. */
export const GIVEN_FROM = 0.5;

/** What halves of a scan are restored by, and how they are read. */
export interface HalvesOptions {
  readonly restorer: Pick<Restorer, 'restore'>;
  readonly degradation: DegradationSpec;
  readonly reading: Pick<NetworkReading, 'level' | 'smoothing'>;
  /** In the unit of the spacing. */
  readonly tolerance: number;
  readonly rng: Rng;
  /** How often the scan is split. */
  readonly splits: number;
}

/** What halves of a scan say of the branches of the whole. */
export interface Halves {
  /** By branch: mean share of it that a half gives, over all halves, 0..1. */
  readonly agreement: readonly number[];
  /** By branch: share of the splits in which both halves give it, 0..1. */
  readonly both: readonly number[];
  /** What became of the two halves of the first split. */
  readonly first: readonly Image[];
}

/**
 * Photon thinning: a scan is split into two of independent noise ({@link splitNoise}), each is restored, and the
 * branches of the whole are looked for in either. No truth is needed: what the light shows is in both halves, what the
 * model made of noise is seldom in both. A half has twice the noise of the scan, so that dim branches are lost too.
 */
export async function splitIntoHalves(
  lr: Image,
  { branches, spacing }: { readonly branches: readonly MeasuredBranch[]; readonly spacing: MeasuredNetwork['spacing'] },
  { restorer, degradation, reading, tolerance, rng, splits }: HalvesOptions,
): Promise<Halves> {
  const agreement = new Float64Array(branches.length);
  const both = new Float64Array(branches.length);
  const first: Image[] = [];
  for (let split = 0; split < splits; split++) {
    const shares: number[][] = [];
    for (const half of splitNoise(lr, degradation, rng.fork(split))) {
      const { image, map } = await restorer.restore(half);
      if (split === 0) first.push(image);
      shares.push(matchedShares(branches, readNetwork(map, reading).skeleton, { tolerance, spacing }));
    }
    const [one, other] = shares;
    for (let i = 0; i < branches.length; i++) {
      agreement[i] += (one[i] + other[i]) / (2 * splits);
      if (one[i] >= GIVEN_FROM && other[i] >= GIVEN_FROM) both[i] += 1 / splits;
    }
  }
  return { agreement: [...agreement], both: [...both], first };
}
