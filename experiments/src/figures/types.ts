import type { PixelSize } from '@lacuna/core';
import type { DrawnBranch, MarkedBranch } from './panel/network-marks.js';

/**
 * Plain data of the figures. A figure is a pure function of one of these: it reads no file, no clock and no
 * random number, so the same data always gives the same drawing.
 */

/** A grey image as figures take it: row-major values, [height][width]. */
export interface FigureImage {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** What one pixel of a network comparison says: the codes of `comparisonLabels` in @lacuna/iqa. */
export const mark = { none: 0, found: 1, missed: 2, invented: 3 } as const;

/** Where a crop lies, in HR pixels. */
export interface CropBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The rule that chooses the crop of the panel, written in the spec so that nobody picks it by eye:
 * - `most-branches`: the crop with the longest true network;
 * - `most-missed`: the crop where the methods together miss most of it (the hardest place);
 * - `median`: of the crops with at least half of the longest network, the one whose found share is the median;
 * - `fixed`: the corner that is given.
 * `size` is the crop's side in HR pixels.
 */
export type CropRule =
  | { readonly kind: 'most-branches' | 'most-missed' | 'median'; readonly size: number }
  | { readonly kind: 'fixed'; readonly size: number; readonly x: number; readonly y: number };

/** One score of one method, ready to print. */
export interface PanelScore {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  readonly digits: number;
  /** Which end is better: the best of all methods is set in bold. */
  readonly better: 'higher' | 'lower';
}

/** One method's column of the panel. */
export interface PanelMethod {
  readonly name: string;
  /** SR of the whole test image, on the HR grid. */
  readonly sr: FigureImage;
  /** Codes of {@link mark}, one for each HR pixel: centreline pixels found, missed and invented. */
  readonly marks: Uint8Array;
  /** The same branches one by one, of planes. */
  readonly branches?: readonly MarkedBranch[];
  /** Scores over the whole test split. */
  readonly scores: readonly PanelScore[];
}

/** Everything that the comparison panel needs. All images are of one specimen of the test split. */
export interface PanelData {
  /** One line above the panel: data set, factor, seed. */
  readonly title: string;
  readonly hr: FigureImage;
  readonly lr: FigureImage;
  /** HR pixels for each LR pixel along an axis. */
  readonly factor: number;
  /** Size of an HR pixel; null when unknown, and the scale bar is then in px. */
  readonly pixelSize: PixelSize | null;
  /** Centreline of the reference's network on the HR grid: 1 on it, else 0. */
  readonly network: Uint8Array;
  /** Whether that is the true network of a synthetic image, and not what the HR image shows. */
  readonly isNetworkKnown: boolean;
  /** In the sweep's order, which decides colours everywhere. */
  readonly methods: readonly PanelMethod[];
  readonly rule: CropRule;
}

/** A volume as figures take it: values [depth][height][width]. */
export interface FigureVolume extends FigureImage {
  readonly depth: number;
}

/** One row of the figure of volumes. */
export interface VolumeMethod {
  readonly name: string;
  readonly volume: FigureVolume;
  /** Codes of {@link mark}, one a voxel; null for a scan, which has no network of its own. */
  readonly marks: Uint8Array | null;
  /** The same branches one by one. */
  readonly branches?: readonly MarkedBranch[];
}

/** Everything that the figure of volumes needs, of one specimen of the test split. */
export interface VolumeData {
  readonly title: string;
  readonly hr: FigureVolume;
  readonly lr: FigureVolume;
  /** "4", "4 x 4 x 2": as the title of the coarse scan has it. */
  readonly factor: string;
  /** Size of an HR voxel; null when unknown: cubes, and a scale bar in px. */
  readonly pixelSize: PixelSize | null;
  /** {@link mark}.found on the centreline of the reference's network, else 0. */
  readonly network: Uint8Array;
  /** Its branches one by one. */
  readonly reference?: readonly DrawnBranch[];
  readonly isNetworkKnown: boolean;
  /** In the sweep's order. */
  readonly methods: readonly VolumeMethod[];
}

/** A mean with the interval around it; low and high equal the mean where there is one value only. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** What the mean is of, one for each seed. */
  readonly values?: readonly number[];
}

/** One axis of the cost figure. */
export interface CostAxis {
  readonly name: string;
  readonly unit?: string;
}

/** One quality score of the cost figure. */
export interface ScoreAxis extends CostAxis {
  readonly better: 'higher' | 'lower';
  /** What the HR image itself scores, where the network is known: a dashed line. */
  readonly ceiling?: number;
}

/** One method at its cost. */
export interface CostPoint {
  readonly method: string;
  /** By the name of a {@link CostAxis}; 0 (no parameters) is drawn before the break of the axis. */
  readonly costs: Readonly<Record<string, number>>;
  /** By the name of a {@link ScoreAxis}. */
  readonly scores: Readonly<Record<string, Estimate>>;
}

/** Scores against costs: one row for each score, one column for each cost. */
export interface CostData {
  readonly title: string;
  readonly costs: readonly CostAxis[];
  readonly scores: readonly ScoreAxis[];
  /** In the sweep's order. */
  readonly points: readonly CostPoint[];
  /** What the bars are, for the caption: "95 % interval: bootstrap over 2 regions within seeds and 3 seeds". */
  readonly interval: string;
}

/** One run's values of one quantity: [step, value], steps ascending. */
export interface SeedCurve {
  readonly seed: number;
  readonly points: readonly (readonly [step: number, value: number])[];
}

/** All seeds of one method for one quantity. */
export interface MethodCurves {
  readonly method: string;
  readonly seeds: readonly SeedCurve[];
}

/** One small chart: a loss term or a validation score. */
export interface CurveChart {
  readonly name: string;
  readonly unit?: string;
  readonly scale: 'linear' | 'log';
  readonly methods: readonly MethodCurves[];
}

/** Training curves. */
export interface CurveData {
  readonly title: string;
  /** What lies along x; the step of the training by default. */
  readonly x?: string;
  /** All methods of the sweep in its order, also those that have no curves: it decides colours. */
  readonly methods: readonly string[];
  readonly charts: readonly CurveChart[];
}

/** How much two metrics agree on the order of the methods. */
export interface Agreement {
  /** Names of the metrics as {@link DisagreementData} lists them. */
  readonly a: string;
  readonly b: string;
  /** Mean of Kendall's tau-b over the cases; null where no case has one. */
  readonly tau: number | null;
  readonly interval: readonly [number, number] | null;
  readonly cases: number;
  /** Ranks of the methods by each, 1 the best. */
  readonly ranks: readonly { readonly method: string; readonly a: number; readonly b: number }[];
  /** Pairs of methods that the two order in opposite ways. */
  readonly conflicts: readonly { readonly preferredByA: string; readonly preferredByB: string }[];
  readonly worst: { readonly case: string; readonly tau: number } | null;
}

/** Where metrics contradict each other. */
export interface DisagreementData {
  readonly title: string;
  readonly metrics: readonly string[];
  /** In the sweep's order, which decides colours. */
  readonly methods: readonly string[];
  /** Each two metrics once, those that agree least first. */
  readonly pairs: readonly Agreement[];
}

/** Recall of the branches of one bin. */
export interface RecallBar {
  readonly from: number;
  readonly to: number;
  readonly recall: number;
}

/** Two networks compared branch by branch. Volumes are seen along z. */
export interface ComparedNetworksData {
  readonly title: string;
  readonly reference: FigureImage;
  readonly estimate: FigureImage;
  /** Intensities that both images are drawn between. */
  readonly window: readonly [number, number];
  /** Codes of {@link mark}, one for each pixel. */
  readonly marks: Uint8Array;
  readonly pixelSize: PixelSize | null;
  /** Of all lengths. */
  readonly unit: string;
  readonly branches: { readonly found: number; readonly missed: number; readonly invented: number };
  readonly lengths: {
    readonly reference: number;
    readonly estimate: number;
    readonly found: number;
    readonly missed: number;
    readonly invented: number;
  };
  readonly recallByIntensity: readonly RecallBar[];
  readonly recallByDiameter: readonly RecallBar[];
  readonly degrees: { readonly reference: readonly number[]; readonly estimate: readonly number[] };
  readonly branchLengths: { readonly reference: readonly number[]; readonly estimate: readonly number[] };
  /** Share of branches removed and, of the length, the largest component's share. */
  readonly attacks: { readonly reference: PlotLine; readonly estimate: PlotLine };
  /** Cycles per px and correlation of their rings; null for images that are too small. */
  readonly correlation: PlotLine | null;
}

/** Points of one line. */
export interface PlotLine {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Methods by their mean rank over data sets, by one score. */
export interface RankingChart {
  readonly name: string;
  /** A word on the test, ready to print. */
  readonly test: string;
  /** In the sweeps' order, which decides colours; 1 is the best rank. */
  readonly methods: readonly { readonly method: string; readonly rank: number }[];
  /** Ranks that lie farther apart differ. */
  readonly criticalDifference: number;
  /** Methods that do not differ, by their index. */
  readonly groups: readonly (readonly number[])[];
}

/** Critical-difference diagrams, one a score. */
export interface RankingData {
  readonly title: string;
  readonly note: string;
  readonly charts: readonly RankingChart[];
}

/** One filter of a bank: what an LR pixel of 1 among pixels of 0 becomes on the HR grid. */
export interface DrawnFilter {
  /** In the bank's order: by strength, then coherence, then orientation. */
  readonly response: FigureImage;
}

/** A bank of filters by orientation, coherence and strength. */
export interface FilterBankData {
  readonly title: string;
  /** Along which the filters of a row lie: x, y of planes, x, y, z of volumes. */
  readonly directions: readonly (readonly number[])[];
  /** Where the bins of coherence end, from the lowest on; one bin more than edges. */
  readonly coherences: readonly number[];
  /** Where the bins of strength end: logarithms of the change of intensities from LR pixel to pixel. */
  readonly strengths: readonly number[];
  readonly filters: readonly DrawnFilter[];
}

/** A point of a search that has a score. */
export interface SearchedPoint {
  /** Its number. */
  readonly label: string;
  readonly method: string;
  readonly score: number;
  /** By the name of a {@link CostAxis}; above 0. */
  readonly costs: Readonly<Record<string, number>>;
}

/** What a search found. */
export interface SearchData {
  readonly title: string;
  readonly score: ScoreAxis;
  readonly costs: readonly CostAxis[];
  /** In the spec's order, which decides colours. */
  readonly methods: readonly string[];
  /** Those that finished. */
  readonly points: readonly SearchedPoint[];
  /** All that have a score, pruned ones at their last validation, in the order in which they were chosen. */
  readonly history: readonly {
    readonly number: number;
    readonly method: string;
    readonly score: number;
    readonly isFinished: boolean;
  }[];
  /** Shares of the fields in what makes points good, largest first, for each objective. */
  readonly importances: readonly {
    readonly objective: string;
    readonly shares: readonly { readonly field: string; readonly share: number }[];
  }[];
}

/** All figures of a sweep. Parts that a sweep has no data for may be absent. */
export interface FigureData {
  readonly panels?: readonly PanelData[];
  readonly volumes?: readonly VolumeData[];
  readonly costs?: readonly CostData[];
  readonly curves?: readonly CurveData[];
  readonly recalls?: readonly CurveData[];
  readonly disagreements?: readonly DisagreementData[];
  readonly compared?: readonly ComparedNetworksData[];
  readonly rankings?: readonly RankingData[];
  readonly banks?: readonly FilterBankData[];
  readonly searches?: readonly SearchData[];
}
