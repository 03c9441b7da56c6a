import { InputError } from '@lacuna/core';
import { registerFiles } from '@lacuna/datasets';
import type { FoundPair, FoundPairs } from './pairs.js';
import { spread } from './spread.js';

/** A pair that `data.align: true` would refuse. */
export interface RefusedPair {
  readonly pair: FoundPair;
  /** What registration found, and what it allows. */
  readonly reason: string;
}

/** What registration of the pairs says, each whole, as a trial would do it. */
export interface Registered {
  /** How many pairs were registered or refused, of how many. */
  readonly tried: number;
  readonly of: number;
  readonly refused: readonly RefusedPair[];
  /** The largest of the pairs that were registered, LR pixels. */
  readonly shift: number;
  readonly residual: number;
}

/** Voxels of all fine scans that are registered: about a minute's work (36 s of CPU for 22 million, as 30 volumes). */
const MOST_VOXELS = 40_000_000;

/**
 * Registers all pairs, or of many an even sample: as many as have 40 million fine voxels together. Pairs of which
 * one has more are not tried.
 * @param channel which one of files that have several; null where they have one.
 */
export async function registerPairs({ pairs }: FoundPairs, channel: number | null): Promise<Registered> {
  const largest = Math.max(...pairs.map(({ fine }) => fine.width * fine.height * fine.depth * fine.frames));
  const sample = spread(pairs, Math.floor(MOST_VOXELS / largest));
  const refused: RefusedPair[] = [];
  let [shift, residual] = [0, 0];
  for (const pair of sample) {
    try {
      for (const apart of await registerFiles({ hr: pair.fine.path, lr: pair.coarse.path }, channel)) {
        shift = Math.max(shift, apart.shift);
        residual = Math.max(residual, apart.residual);
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused.push({ pair, reason: `${error.parts.got}, wanted ${error.parts.wanted}` });
    }
  }
  return { tried: sample.length, of: pairs.length, refused, shift, residual };
}
