import type { Intensities } from '../intensities.js';

/** Spans that differ by more than this are seldom meant: 8 against 12 bits differ by 16, a mask of 0/1 by 255. */
const LARGEST_RATIO = 8;

/**
 * What is particular about a pair as a whole: spans of intensities (largest less smallest value) that differ by a
 * factor above 8, as those of a mask of 0/1 and one of 0/255 do. Scores stand as they are; a constant has no span.
 */
export function pairRemarks(reference: Intensities, estimate: Intensities): string[] {
  const [a, b] = [spanOf(reference), spanOf(estimate)];
  const [smaller, larger] = [a.high - a.low, b.high - b.low].sort((p, q) => p - q);
  if (smaller === 0 || larger / smaller <= LARGEST_RATIO) return [];
  const number = (value: number) => String(Number(value.toPrecision(4)));
  const range = ({ low, high }: Span) => `${number(low)} to ${number(high)}`;
  const factor = number(larger / smaller);
  return [`the reference spans ${range(a)}, the estimate ${range(b)}: a factor of ${factor}; are both on one scale?`];
}

interface Span {
  readonly low: number;
  readonly high: number;
}

function spanOf({ data }: Intensities): Span {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  return { low, high };
}
