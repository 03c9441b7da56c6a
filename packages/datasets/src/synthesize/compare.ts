import { agedLiterature, literature, type LiteratureFigure, type Quantity } from './literature.js';
import { showing, type LiteratureSpecimens } from './literature-specimens.js';
import { mean } from './statistics.js';
import type { StructureName } from './structures.js';

/** One measured statistic beside what is published. */
export interface Comparison {
  readonly quantity: string;
  readonly unit: string;
  readonly statistic: string;
  readonly measured: number;
  readonly low: number;
  readonly high: number;
  readonly published: string;
  /**
   * 0 inside [low, high], else how far outside, as a share of the nearer bound (of the range's width where that bound
   * is 0); NaN where nothing could be measured.
   */
  readonly off: number;
}

/** A quantity with all its values: what a histogram shows. */
export interface Sample {
  readonly quantity: Quantity;
  readonly values: readonly number[];
}

/** Values of every quantity of a structure, over all specimens. */
export function measureSpecimens(structure: StructureName, specimens: LiteratureSpecimens): Sample[] {
  return literature[structure].map((quantity) => ({
    quantity,
    values: showing(quantity, specimens).flatMap((specimen) => quantity.of(specimen)),
  }));
}

/** Holds samples to the literature, one row for each figure. */
export function compareWithLiterature(samples: readonly Sample[]): Comparison[] {
  return samples.flatMap(({ quantity, values }) =>
    quantity.figures.map((figure) => row(quantity, figure, figure.statistic.of(values))),
  );
}

/**
 * Holds aged specimens to what the literature has of old tissue, against young ones of the same seeds where it gives
 * changes.
 */
export function compareAged(
  structure: StructureName,
  aged: LiteratureSpecimens,
  young: LiteratureSpecimens,
): Comparison[] {
  return agedLiterature[structure].flatMap((quantity) => {
    const [old, before] = [aged, young].map((specimens) =>
      mean.of(showing(quantity, specimens).flatMap((specimen) => quantity.of(specimen))),
    ) as [number, number];
    return quantity.figures.map((figure) =>
      row(
        quantity,
        figure,
        quantity.ratio ? 100 * (old / before - 1) : old,
        quantity.ratio ? 'change with age' : undefined,
      ),
    );
  });
}

function row(
  { name, unit }: Quantity,
  { statistic, low, high, published }: LiteratureFigure,
  measured: number,
  called = statistic.name,
): Comparison {
  const bound = measured < low ? low : high;
  const off = measured >= low && measured <= high ? 0 : Math.abs(measured - bound) / Math.abs(bound || high - low);
  return { quantity: name, unit, statistic: called, measured, low, high, published, off };
}
