import { scaleLinear, scaleLog } from 'd3-scale';

/** A scale from values to points, with the ticks to draw. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/**
 * Free room on either side of the values: a share of a linear axis, and of a logarithmic one with at least this many
 * decades.
 */
const LINEAR_MARGIN = 0.06;
const LOG_MARGIN = 0.08;
const LEAST_DECADES = 0.5;

/** Logarithmic axes are at least that long, in decades: three ticks of 1, 2 and 5 fit. */
const SHORTEST_LOG_AXIS = 0.6;
const MOST_LOG_TICKS = 6;

/** A linear scale with a margin around the values, and about `count` ticks. */
export function linearScale(values: readonly number[], from: number, to: number, count: number): Scale {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low === high) {
    low -= (Math.abs(low) || 1) * 0.1;
    high += (Math.abs(high) || 1) * 0.1;
  }
  const margin = (high - low) * LINEAR_MARGIN;
  const scale = scaleLinear([low - margin, high + margin], [from, to]);
  return Object.assign((value: number) => scale(value), { ticks: scale.ticks(count) });
}

/**
 * A logarithmic scale of the values that are positive. Ticks are powers of ten, with 2 and 5 (or 3) between where there
 * are few; at most {@link MOST_LOG_TICKS}.
 */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) positive.push(1, 10);
  const smallest = Math.min(...positive);
  const largest = Math.max(...positive);
  const margin = LOG_MARGIN * Math.max(LEAST_DECADES, Math.log10(largest / smallest));
  let low = Math.log10(smallest) - margin;
  let high = Math.log10(largest) + margin;
  if (high - low < SHORTEST_LOG_AXIS) {
    const middle = (low + high) / 2;
    low = middle - SHORTEST_LOG_AXIS / 2;
    high = middle + SHORTEST_LOG_AXIS / 2;
  }
  const scale = scaleLog([10 ** low, 10 ** high], [from, to]);
  const digits = leadingDigits(high - low);
  const ticks = scale.ticks().filter((tick) => digits.includes(tick.toExponential(0)[0]));
  const every = Math.ceil(ticks.length / MOST_LOG_TICKS);
  return Object.assign((value: number) => scale(value), { ticks: ticks.filter((_, i) => i % every === 0) });
}

/** First digits of the ticks of an axis of so many decades. */
function leadingDigits(decades: number): string {
  if (decades > 2.4) return '1';
  return decades > 1.2 ? '13' : '125';
}

/** Ticks with one number of decimals for all, or with SI prefixes from a thousand on: 0.75, 20 k, 1.5 G. */
export function tickLabels(ticks: readonly number[]): string[] {
  const step =
    ticks.length > 1
      ? Math.min(...ticks.slice(1).map((tick, i) => Math.abs(tick - ticks[i])))
      : Math.abs(ticks[0] ?? 1);
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest >= 1000) return ticks.map(siLabel);
  if (largest < 0.001 && largest > 0) return ticks.map((tick) => tick.toExponential(0));
  const decimals = step > 0 ? Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9))) : 0;
  return ticks.map((tick) => (tick === 0 ? '0' : tick.toFixed(decimals)).replace('-', '−'));
}

const prefixes = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
] as const;

/** A number with an SI prefix: 950, 12.5 k, 3 M, 1.5 G, 2 T. */
export function siLabel(value: number): string {
  const [divisor, prefix] = prefixes.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  return `${Number((value / divisor).toPrecision(3))}${prefix}`.replace('-', '−');
}
