import type { MarkedBranch } from '../figures/panel/network-marks.js';
import type { FigureImage, PanelData, VolumeData } from '../figures/types.js';
import { comparedNumbers, type ComparedNumbers, type NumbersSource } from './branch-numbers.js';
import { cornerOf, cropped, lengthsOf, packedVolume, windowOf, type PackedVolume } from './pack-volumes.js';

/** A branch as a page draws it, and its numbers. */
export interface PackedBranch extends ComparedNumbers {
  /** x, y of its pixels in turn, HR pixels. */
  readonly points: readonly number[];
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
  const corner = cornerOf(whole, cut);
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
        const shown = packedBranch(branch, sr, { hr: panel.hr, perPixel });
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

function packedBranch(branch: MarkedBranch, sr: FigureImage, source: NumbersSource): PackedBranch {
  const { width } = source.hr;
  return {
    ...comparedNumbers(branch, sr, source),
    points: Array.from(branch.pixels).flatMap((pixel) => [pixel % width, Math.floor(pixel / width)]),
  };
}

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
