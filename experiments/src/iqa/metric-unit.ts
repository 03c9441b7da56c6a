import type { LengthUnit } from '@lacuna/core';
import { metricOf, type MetricName } from '@lacuna/iqa';

/** A metric's unit for planes or volumes, its lengths in px or in the unit of the pixel size. */
export function metricUnit(
  name: MetricName,
  { volume, length }: { readonly volume: boolean; readonly length: LengthUnit | null },
): string {
  const { unit, volumeUnit = unit } = metricOf(name);
  const own = volume ? volumeUnit : unit;
  return length === null ? own : own.replace(/px/g, length);
}
