import type { EvaluationContext } from './context.js';

/** What a metric gives for a pair: a number, perhaps with a remark, or nothing with the reason. */
export type Measured =
  | { value: number; note?: string | undefined; reference?: number | null | undefined }
  | { value: null; note: string; reference?: number | null | undefined };

/** One row of the catalogue: all that is known about a metric. */
export interface Metric {
  readonly compute: (context: EvaluationContext) => Measured;
  /** Which way is better; `reference`: the estimate's own measure, better the nearer to the reference's. */
  readonly better: 'higher' | 'lower' | 'reference';
  /** `px`-based units become the pixel size's unit where it is known. */
  readonly unit: string;
  /** The unit for volumes, where it is another. */
  readonly volumeUnit?: string;
  /** Smallest and largest value; null for none. */
  readonly range: readonly [number | null, number | null];
  readonly needs: 'pixels' | 'masks' | 'graph' | 'low-resolution';
  /** Measured over all levels of the estimate: the level at which others are cut does not change it. */
  readonly overLevels?: boolean;
  /** For tables and axes. */
  readonly label: string;
  /** Decimals in tables and figures. */
  readonly digits: number;
  /** Whether it is among the few that summaries show: panels, figures of costs, lines of progress. */
  readonly headline?: boolean;
  /** Formula or meaning in a line; the function's own documentation has shapes and errors. */
  readonly doc: string;
  /** Where the definition comes from. */
  readonly source: string;
}

/** A number, or null for NaN: such formulas divide by the reference's size. */
export function measured(value: number): Measured {
  return Number.isNaN(value)
    ? { value: null, note: 'the reference has no size to relate to: it is constant' }
    : { value };
}

/**
 * A number with the reference's own measure, or null with the reason.
 * @param remark what is particular about the number, where there is one.
 */
export function measuredOr(value: number | null, reason: string, reference?: number | null, remark?: string): Measured {
  if (value === null) return { value, note: reason, reference };
  return remark === undefined ? { value, reference } : { value, note: remark, reference };
}
