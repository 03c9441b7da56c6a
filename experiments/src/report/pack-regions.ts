import type { PixelSize } from '@lacuna/core';
import type { BranchEvidence, MarkedBranch } from '../figures/network-marks.js';
import type { FigureImage, PanelData, VolumeData } from '../figures/types.js';
import { cropped, packedVolume, windowOf, type PackedVolume } from './pack-volumes.js';

/** A branch as a page draws it, and its numbers. */
export interface PackedBranch {
  readonly kind: MarkedBranch['kind'];
  /** x, y of its pixels in turn, HR pixels. */
  readonly points: readonly number[];
  /** In the region's unit. */
  readonly length: number;
  readonly share: number;
  /** Mean normalised intensity along it in the fine image and in that of the method. */
  readonly hr: number;
  readonly sr: number;
  /** Shares, of branches that the method shows, where they were measured: given by halves of the light, measured. */
  readonly given?: number;
  readonly measured?: number;
  readonly isDoubtful?: boolean;
}

/** One test region of planes as a report holds it. */
export interface PackedRegion {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Of lengths. */
  readonly unit: string;
  /** HR, LR and every SR, in grey levels: networks in colours lie over them. */
  readonly images: readonly PackedVolume[];
  readonly networks: readonly { readonly method: string; readonly branches: readonly PackedBranch[] }[];
}

/** Values that a report holds: more is cropped about the middle. A value takes at most a byte as base64. */
const MOST_VALUES = 3e6;

/** Regions as a report shows them; all together they have room in it. */
export function packRegions(panels: readonly PanelData[], most: number = MOST_VALUES): PackedRegion[] {
  return panels.map((panel) => packed(panel, most / panels.length));
}

function packed(panel: PanelData, most: number): PackedRegion {
  const whole = asVolume(panel);
  const cut = cropped(whole, most);
  const { hr, lr } = cut;
  // What was cut away left of the region and above it: the same on both sides, in whole LR pixels.
  const step = { x: whole.hr.width / whole.lr.width, y: whole.hr.height / whole.lr.height };
  const corner = {
    x: Math.floor((whole.lr.width - lr.width) / 2) * step.x,
    y: Math.floor((whole.lr.height - lr.height) / 2) * step.y,
  };
  const window = windowOf(hr);
  const { perPixel, unit } = lengthsOf(panel.pixelSize);
  return {
    title: cut.title,
    width: hr.width,
    height: hr.height,
    unit,
    images: [
      packedVolume('HR', hr, window),
      packedVolume(`LR ×${panel.factor}`, lr, window),
      ...cut.methods.map(({ name, volume }) => packedVolume(name, volume, window)),
    ],
    networks: panel.methods.map(({ name, sr, branches = [] }) => ({
      method: name,
      branches: branches.flatMap((branch) => {
        const shown = packedBranch(branch, { hr: panel.hr, sr, perPixel });
        return movedInto(shown, corner, hr);
      }),
    })),
  };
}

const asVolume = ({ title, hr, lr, factor, pixelSize, network, isNetworkKnown, methods }: PanelData): VolumeData => ({
  title,
  hr: { ...hr, depth: 1 },
  lr: { ...lr, depth: 1 },
  factor: String(factor),
  pixelSize,
  network,
  isNetworkKnown,
  methods: methods.map(({ name, sr, marks }) => ({ name, volume: { ...sr, depth: 1 }, marks })),
});

function lengthsOf(pixelSize: PixelSize | null): { readonly perPixel: number; readonly unit: string } {
  if (pixelSize === null) return { perPixel: 1, unit: 'px' };
  return { perPixel: pixelSize.x, unit: pixelSize.unit === 'um' ? 'µm' : pixelSize.unit };
}

function packedBranch(
  { kind, pixels, length, share, evidence }: MarkedBranch,
  on: { readonly hr: FigureImage; readonly sr: FigureImage; readonly perPixel: number },
): PackedBranch {
  const { width } = on.hr;
  const mean = ({ data }: FigureImage) => pixels.reduce((sum, pixel) => sum + data[pixel], 0) / pixels.length;
  return {
    kind,
    points: Array.from(pixels).flatMap((pixel) => [pixel % width, Math.floor(pixel / width)]),
    length: rounded(length * on.perPixel),
    share: rounded(share),
    hr: rounded(mean(on.hr)),
    sr: rounded(mean(on.sr)),
    ...(evidence === undefined ? {} : packedEvidence(evidence)),
  };
}

const packedEvidence = ({
  given,
  measured,
  isDoubtful,
}: BranchEvidence): Pick<PackedBranch, 'given' | 'measured' | 'isDoubtful'> => ({
  ...(given === null ? {} : { given: rounded(given) }),
  ...(measured === null ? {} : { measured: rounded(measured) }),
  isDoubtful,
});

const rounded = (value: number): number => Number(value.toPrecision(4));

/** A branch in the pixels of what is shown; nothing of one that lies outside. */
function movedInto(
  branch: PackedBranch,
  corner: { readonly x: number; readonly y: number },
  { width, height }: FigureImage,
): PackedBranch[] {
  const points = branch.points.map((value, i) => value - (i % 2 === 0 ? corner.x : corner.y));
  const isInside = points.some(
    (x, i) => i % 2 === 0 && x >= 0 && x < width && points[i + 1] >= 0 && points[i + 1] < height,
  );
  return isInside ? [{ ...branch, points }] : [];
}
