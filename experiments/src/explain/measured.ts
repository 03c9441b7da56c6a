import type { Image } from '@lacuna/core';
import { backProject, forwardOperator, noiseVariance, type DegradationSpec } from '@lacuna/datasets';
import { branchIntensity, type Mask } from '@lacuna/iqa';
import type { MeasuredBranch, MeasuredNetwork } from '../network/measured.js';

/** Noise over signal that is assumed of scans without noise: float32 knows no less. */
const LEAST_NOISE = 1e-5;

/** Background of a branch is looked for that many px beyond its radius. */
const AROUND = 6;

/** What of an enlarged image the scan determines. */
export interface MeasuredParts {
  /** B A x: the part of the image that the degradation can see. */
  readonly measured: Image;
  /** B y: what the scan itself says of that part. */
  readonly scanned: Image;
  /** ν: noise variance of an LR pixel over the variance of the image. */
  readonly nu: number;
}

/**
 * Splits an enlarged image x of a scan y by the known degradation A:
 *
 *     x = B A x + (x - B A x),  B = Aᵀ (A Aᵀ + ν I)⁻¹
 *
 * into the measured part, in the range of Aᵀ, and the added part, which no scan can confirm (the null space of A).
 * The measured part of a faithful x is B y, up to the noise.
 */
export function measuredParts(sr: Image, lr: Image, degradation: DegradationSpec): MeasuredParts {
  const operator = forwardOperator(degradation, sr);
  const nu = Math.max(LEAST_NOISE, (noiseVariance(degradation, meanOf(lr.data)) ?? 0) / varianceOf(sr.data));
  return {
    measured: backProject(operator, operator.apply(sr), nu),
    scanned: backProject(operator, lr, nu),
    nu,
  };
}

/** Branches whose shares are asked for: their pixels and, in the unit of the spacing, their radius. */
export interface MeasuredOf {
  readonly branches: readonly Pick<MeasuredBranch, 'pixels' | 'meanRadius'>[];
  readonly spacing: Pick<MeasuredNetwork['spacing'], 'x'>;
}

/** Shares of one branch's contrast; null for a branch that is not brighter than its surroundings. */
export interface MeasuredShares {
  /** That lies in the measured part, 0..1; the rest was added. */
  readonly measured: number | null;
  /** That the scan itself says: about the measured share where it agrees with the image, 0 where it shows nothing. */
  readonly scanned: number | null;
}

/**
 * By branch: the contrast (mean along the centreline less the mean of what is around) of the measured part over that
 * of the image, and the same of what the scan says. Contrasts are linear: measured and added share sum to 1.
 */
export function measuredShares(
  { branches, spacing }: MeasuredOf,
  mask: Mask,
  sr: Image,
  { measured, scanned }: Pick<MeasuredParts, 'measured' | 'scanned'>,
): MeasuredShares[] {
  return branches.map((branch) => {
    const reach = AROUND + Math.ceil(branch.meanRadius / spacing.x);
    const contrastIn = (image: Image) => branchIntensity(branch, mask, image, reach).contrast;
    const whole = contrastIn(sr);
    if (whole === null || !(whole > 0)) return { measured: null, scanned: null };
    return { measured: within(contrastIn(measured)! / whole), scanned: contrastIn(scanned)! / whole };
  });
}

const within = (share: number): number => Math.min(1, Math.max(0, share));

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function varianceOf(values: Float32Array): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
