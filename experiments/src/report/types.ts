import type { Estimate } from '../figures/types.js';

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
}

/** A figure in the report. */
export interface ReportFigure {
  readonly title: string;
  readonly caption: string;
  /** The figure's own SVG text, shown inline. */
  readonly svg: string;
}

/** Everything that the report of a sweep says. It reads no clock: equal data give equal files. */
export interface ReportData {
  readonly title: string;
  /** One or two sentences: what was asked, on which data. */
  readonly summary: string;
  /** What the reader must know before believing a number: synthetic data, few seeds, trials that diverged. */
  readonly warnings: readonly string[];
  readonly columns: readonly ReportColumn[];
  /** In the sweep's order, as in the figures, so that colours agree. */
  readonly rows: readonly ReportRow[];
  /** What the intervals are: "mean and 95 % interval over 3 seeds, test split". */
  readonly interval: string;
  readonly figures: readonly ReportFigure[];
  readonly spec: { readonly name: string; readonly text: string };
  /** Versions, engine, machine, commit. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** What to do next: a sentence and the command or address. */
  readonly next: readonly { readonly text: string; readonly command: string }[];
}
