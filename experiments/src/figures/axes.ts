/** A scale from values to points, with the ticks to draw. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Round values (1, 2 or 5 times a power of ten) from at or above `low` to at or below `high`, about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * decade).find((s) => s >= raw * 0.999)!;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++)
    ticks.push(Number((k * step).toPrecision(12)));
  return ticks;
}

/** A linear scale whose domain is widened to round values. */
export function linearScale(values: readonly number[], from: number, to: number, count: number): Scale {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  const margin = (high - low) * 0.06;
  const domain = [low - margin, high + margin] as const;
  const scale = (value: number) => from + ((value - domain[0]) / (domain[1] - domain[0])) * (to - from);
  return Object.assign(scale, { ticks: niceTicks(domain[0], domain[1], count) });
}

/** A logarithmic scale; all values must be positive. Ticks are powers of ten, with 2 and 5 where there are few. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) positive.push(1, 10);
  const pad = 0.08 * Math.max(0.5, Math.log10(Math.max(...positive) / Math.min(...positive)));
  let low = Math.log10(Math.min(...positive)) - pad;
  let high = Math.log10(Math.max(...positive)) + pad;
  if (high - low < 0.6) [low, high] = [(low + high) / 2 - 0.3, (low + high) / 2 + 0.3];
  const scale = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const steps = high - low > 2.4 ? [1] : high - low > 1.2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let decade = Math.floor(low); decade <= Math.ceil(high); decade++) {
    for (const step of steps) {
      const exponent = decade + Math.log10(step);
      if (exponent >= low && exponent <= high) ticks.push(Number((step * 10 ** decade).toPrecision(6)));
    }
  }
  const every = Math.ceil(ticks.length / 6);
  return Object.assign(scale, { ticks: ticks.filter((_, i) => i % every === 0) });
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

/** A number with an SI prefix: 950, 12.5 k, 3 M, 1.5 G, 2 T. */
export function siLabel(value: number): string {
  const magnitude = Math.abs(value);
  const [divisor, prefix] =
    magnitude >= 1e12
      ? [1e12, ' T']
      : magnitude >= 1e9
        ? [1e9, ' G']
        : magnitude >= 1e6
          ? [1e6, ' M']
          : magnitude >= 1e3
            ? [1e3, ' k']
            : [1, ''];
  return `${Number((value / divisor).toPrecision(3))}${prefix}`.replace('-', '−');
}
