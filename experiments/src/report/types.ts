import type { CurveData, Estimate } from '../figures/types.js';
import type { Differences } from '../sweep/leaderboard/differences.js';
import type { PackedRegion } from './pack-regions.js';
import type { PackedVolumes } from './pack-volumes.js';

/** One column of the leaderboard. */
export interface ReportColumn {
  readonly name: string;
  readonly unit?: string;
  readonly digits: number;
  /** null for what is neither good nor bad by itself. */
  readonly better: 'higher' | 'lower' | null;
  /** Large numbers with k, M, G. */
  readonly si?: boolean;
}

/** One method's row: a cell for each column, null where there is no value. */
export interface ReportRow {
  readonly method: string;
  readonly seeds: number;
  readonly cells: readonly (Estimate | null)[];
  /** The HR image itself: no method, and never the best. */
  readonly isCeiling?: boolean;
}

/** A table of scores. */
export interface ReportTable {
  readonly columns: readonly ReportColumn[];
  /** In the sweep's order, as in the figures, so that colours agree. */
  readonly rows: readonly ReportRow[];
  /** What the intervals are: "mean and 95 % interval over 3 seeds, test split". */
  readonly interval: string;
}

/** A figure in the report. */
export interface ReportFigure {
  readonly title: string;
  readonly caption: string;
  /** The figure's own SVG text, shown inline. */
  readonly svg: string;
}

/** Everything that the report of a sweep says. It reads no clock: equal data give equal files. */
export interface ReportData extends ReportTable {
  readonly title: string;
  /** One or two sentences: what was asked, on which data. */
  readonly summary: string;
  /** What the reader must know before believing a number: synthetic data, few seeds, trials that diverged. */
  readonly warnings: readonly string[];
  /** The same scores with each method at its own level, and what wins at one level only. */
  readonly ownLevel?: ReportTable & { readonly winners: readonly string[] };
  readonly differences?: readonly Differences[];
  readonly figures: readonly ReportFigure[];
  /** Test regions to look through, a comparison each. */
  readonly volumes?: readonly PackedVolumes[];
  /** Test regions of planes, to compare and to look at branch by branch. */
  readonly regions?: readonly PackedRegion[];
  /** Curves of all trials. */
  readonly curves?: readonly CurveData[];
  readonly spec: { readonly name: string; readonly text: string };
  /** Versions, engine, machine, commit. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** What to do next: a sentence and the command or address. */
  readonly next: readonly { readonly text: string; readonly command: string }[];
}
