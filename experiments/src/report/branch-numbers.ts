import type { BranchEvidence, DrawnBranch, MarkedBranch } from '../figures/panel/network-marks.js';
import type { FigureImage } from '../figures/types.js';

/** What a page says of a branch of the reference. */
export interface BranchNumbers {
  /** In the unit of the page. */
  readonly length: number;
  /** Mean normalised intensity along it in the fine image. */
  readonly hr: number;
}

/** What it says of a branch that was compared. */
export interface ComparedNumbers extends BranchNumbers {
  readonly kind: MarkedBranch['kind'];
  readonly share: number;
  /** Mean normalised intensity along it in the image of the method. */
  readonly sr: number;
  /** Shares, of branches that the method shows, where they were measured: given by halves of the light, measured. */
  readonly given?: number;
  readonly measured?: number;
  readonly isDoubtful?: boolean;
}

/** Where intensities are read, and how long a px of x is. */
export interface NumbersSource {
  readonly hr: FigureImage;
  readonly perPixel: number;
}

export const branchNumbers = ({ pixels, length }: DrawnBranch, { hr, perPixel }: NumbersSource): BranchNumbers => ({
  length: rounded(length * perPixel),
  hr: meanAlong(hr, pixels),
});

export function comparedNumbers(branch: MarkedBranch, sr: FigureImage, source: NumbersSource): ComparedNumbers {
  const { kind, pixels, share, evidence } = branch;
  return {
    kind,
    ...branchNumbers(branch, source),
    share: rounded(share),
    sr: meanAlong(sr, pixels),
    ...(evidence === undefined ? {} : evidenceNumbers(evidence)),
  };
}

const evidenceNumbers = ({
  given,
  measured,
  isDoubtful,
}: BranchEvidence): Pick<ComparedNumbers, 'given' | 'measured' | 'isDoubtful'> => ({
  ...(given === null ? {} : { given: rounded(given) }),
  ...(measured === null ? {} : { measured: rounded(measured) }),
  isDoubtful,
});

const meanAlong = ({ data }: FigureImage, pixels: Int32Array): number =>
  rounded(pixels.reduce((sum, pixel) => sum + data[pixel], 0) / pixels.length);

const rounded = (value: number): number => Number(value.toPrecision(4));
