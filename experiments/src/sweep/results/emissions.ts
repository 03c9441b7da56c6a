import type { CommonSpec } from '../spec/spec.js';

/** What the user says of the electricity; null where nothing is said. */
export type EmissionFactor = NonNullable<CommonSpec['energy']>;

const JOULES_PER_KWH = 3.6e6;

/**
 * Carbon dioxide equivalents of energy, J / 3.6e6 · g/kWh, in grams; null where the energy is not known, or nobody gave
 * a factor: none is assumed, since it differs tenfold between countries and hours.
 */
export function co2eGrams(joules: number | null, factor: EmissionFactor | undefined): number | null {
  if (joules === null || factor === undefined) return null;
  return (joules / JOULES_PER_KWH) * factor.gramsPerKwh;
}

/** "56 g/kWh (RTE, 2025)". */
export function describeEmissionFactor({ gramsPerKwh, source }: EmissionFactor): string {
  return `${gramsPerKwh} g/kWh${source === undefined ? '' : ` (${source})`}`;
}
