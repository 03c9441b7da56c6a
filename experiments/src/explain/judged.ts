import type { Rng } from '@lacuna/core';
import type { DegradationSpec } from '@lacuna/datasets';
import { knownShares } from '@lacuna/iqa';
import { areaUnderRoc, wilsonInterval } from '@lacuna/sweep';
import { measureNetwork } from '../network/measured.js';
import type { CalibrationCase } from './calibration/calibration-cases.js';
import { GIVEN_FROM, splitIntoHalves } from './halves.js';
import { measuredParts, measuredShares } from './measured.js';
import { readNetwork, type NetworkReading, type Restorer } from './read-network.js';

/** A branch of an image whose network is known, with what spoke for it. */
export interface JudgedBranch {
  /** Less than half of it lies in the reference's network or along its centreline. */
  readonly isFalse: boolean;
  /** 1 - agreement of the halves of the light. */
  readonly doubt: number;
  readonly measuredShare: number | null;
  readonly scanShare: number | null;
  readonly intensity: number;
}

/** How branches are judged. */
export interface JudgeOptions {
  readonly restorer: Pick<Restorer, 'restore'>;
  readonly degradation: DegradationSpec;
  readonly reading: Pick<NetworkReading, 'level' | 'smoothing'>;
  /** px within which two centrelines are one. */
  readonly tolerancePx: number;
  readonly splits: number;
  readonly rng: Rng;
}

/** The branches that a model shows in scans whose networks are known; none in a scan without a network. */
export async function judgeBranches(
  cases: readonly CalibrationCase[],
  { restorer, degradation, reading, tolerancePx, splits, rng }: JudgeOptions,
): Promise<JudgedBranch[]> {
  const judged: JudgedBranch[] = [];
  for (const [k, { name, lr, reference }] of cases.entries()) {
    const { image, map } = await restorer.restore(lr);
    const read = readNetwork(map, reading);
    if (!read.skeleton.data.includes(1)) continue;
    const how = { pixelSize: image.pixelSize, dark: false, name };
    const network = measureNetwork(read, (pixel) => image.data[pixel], how);
    const { branches, spacing } = network;
    const tolerance = tolerancePx * spacing.x;
    const found = knownShares(branches, reference, { tolerance, spacing });
    const options = { restorer, degradation, reading, tolerance, splits, rng: rng.fork(k) };
    const { agreement } = await splitIntoHalves(lr, network, options);
    const shares = measuredShares(network, read.mask, image, measuredParts(image, lr, degradation));
    branches.forEach((branch, i) =>
      judged.push({
        isFalse: found[i] < GIVEN_FROM,
        doubt: 1 - agreement[i],
        measuredShare: shares[i].measured,
        scanShare: shares[i].scanned,
        intensity: branch.meanIntensity,
      }),
    );
  }
  return judged;
}

/** Branches of one range of doubt, and how many of them are false. */
export interface DoubtBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly wrong: number;
  /** Share of false branches with Wilson's 95 % interval; of an empty bin null and 0..1. */
  readonly share: number | null;
  readonly low: number;
  readonly high: number;
}

/** Ends of the bins of doubt: half of the branches have next to none. */
const EDGES = [0, 0.02, 0.1, 0.25, 0.5, 1] as const;

/** The calibration curve: the share of false branches by doubt. */
export function calibrationCurve(branches: readonly Pick<JudgedBranch, 'doubt' | 'isFalse'>[]): DoubtBin[] {
  return EDGES.slice(0, -1).map((from, k) => {
    const to = EDGES[k + 1];
    const isLast = k === EDGES.length - 2;
    const inside = branches.filter(({ doubt }) => doubt >= from && (doubt < to || isLast));
    const wrong = inside.filter(({ isFalse }) => isFalse).length;
    const share = inside.length === 0 ? null : wrong / inside.length;
    return { from, to, count: inside.length, wrong, share, ...wilsonInterval(wrong, inside.length) };
  });
}

/** The bin that a doubt falls into. */
export function binOf(bins: readonly DoubtBin[], doubt: number): DoubtBin {
  return bins.find(({ to }) => doubt < to) ?? bins[bins.length - 1];
}

/** How well numbers of branches tell false ones from the others: areas under the ROC, .5 for not at all. */
export interface Separation {
  readonly doubt: number | null;
  /** Of branches of which less was measured, and more added. */
  readonly added: number | null;
  /** Of branches of which the scan shows less. */
  readonly scan: number | null;
  /** Of darker branches. */
  readonly dimness: number | null;
}

export function separationOf(branches: readonly JudgedBranch[]): Separation {
  const isFalse = branches.map((branch) => branch.isFalse);
  const byLittle = (shareOf: (branch: JudgedBranch) => number | null) => {
    const known = branches.filter((branch) => shareOf(branch) !== null);
    return areaUnderRoc(
      known.map((branch) => -shareOf(branch)!),
      known.map((branch) => branch.isFalse),
    );
  };
  return {
    doubt: areaUnderRoc(
      branches.map(({ doubt }) => doubt),
      isFalse,
    ),
    added: byLittle(({ measuredShare }) => measuredShare),
    scan: byLittle(({ scanShare }) => scanShare),
    dimness: areaUnderRoc(
      branches.map(({ intensity }) => -intensity),
      isFalse,
    ),
  };
}
