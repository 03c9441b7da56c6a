import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Holds a metric to its reference: asserts that the deviation is at most the tolerance, and, when the table of
 * conformance is written (tools/golden/conformance.sh names a file in LACUNA_CONFORMANCE), keeps it.
 */
export function holds(metric: string, reference: string, deviation: number, tolerance: number): void {
  const file = process.env.LACUNA_CONFORMANCE;
  if (file) appendFileSync(file, `${JSON.stringify({ metric, reference, deviation, tolerance })}\n`);
  expect(deviation, `${metric} against ${reference}`).toBeLessThanOrEqual(tolerance);
}
