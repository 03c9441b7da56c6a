import { percentileOfSorted } from '@lacuna/core';
import { requireSameMaskSize, type Connectivity, type Mask, type Spacing } from '../mask.js';
import { labelComponents } from '../network/topology/components.js';
import { localThickness } from '../network/distance/thickness.js';

/** One connected pore. Lengths are in the unit of the spacing. */
export interface Pore {
  readonly pixels: number;
  /** Area in planes, volume in volumes. */
  readonly size: number;
  /** Diameter of the circle (ball) of the same size. */
  readonly equivalentDiameter: number;
  /** Diameter of its largest inscribed circle (ball): the largest local thickness in it. */
  readonly inscribedDiameter: number;
  /** Whether it touches the image's edge, and so may go on outside. */
  readonly cut: boolean;
}

/** Summary of the local thickness over the foreground, every pixel counting once. */
export interface ThicknessSummary {
  readonly mean: number;
  readonly deviation: number;
  readonly median: number;
  readonly largest: number;
}

/**
 * Every pore (connected component) with its diameters, in raster order of the first pixel.
 * @param options.thickness the mask's {@link localThickness} if it is made already.
 */
export function measurePores(
  mask: Mask,
  {
    spacing = { x: 1, y: 1 },
    connectivity = 'full',
    thickness = localThickness(mask, { spacing }),
  }: { spacing?: Spacing; connectivity?: Connectivity; thickness?: Float64Array } = {},
): Pore[] {
  const { width, height, depth } = mask;
  const volume = depth > 1;
  const { labels, sizes, count } = labelComponents(mask, { connectivity });
  const inscribed = new Float64Array(count + 1);
  const cut = new Uint8Array(count + 1);
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        const label = labels[i];
        if (!label) continue;
        if (thickness[i] > inscribed[label]) inscribed[label] = thickness[i];
        if (x === 0 || y === 0 || x === width - 1 || y === height - 1 || (volume && (z === 0 || z === depth - 1)))
          cut[label] = 1;
      }
  const pixel = spacing.x * spacing.y * (volume ? (spacing.z ?? 1) : 1);
  return Array.from({ length: count }, (_, k): Pore => {
    const size = sizes[k + 1] * pixel;
    return {
      pixels: sizes[k + 1],
      size,
      inscribedDiameter: inscribed[k + 1],
      cut: cut[k + 1] === 1,
      equivalentDiameter: volume ? Math.cbrt((6 * size) / Math.PI) : Math.sqrt((4 * size) / Math.PI),
    };
  });
}

/**
 * Mean, deviation, median and largest local thickness over the foreground; null for an empty mask and for one without
 * background.
 */
export function summarizeThickness(thickness: Float64Array): ThicknessSummary | null {
  const values = thickness.filter((t) => t > 0).sort();
  if (values.length === 0 || values[values.length - 1] === Infinity) return null;
  let sum = 0;
  let squares = 0;
  for (const t of values) sum += t;
  const mean = sum / values.length;
  for (const t of values) squares += (t - mean) ** 2;
  return {
    mean,
    deviation: Math.sqrt(squares / values.length),
    median: percentileOfSorted(values, 0.5),
    largest: values[values.length - 1],
  };
}

/**
 * Porosity: share of a region that is pore, 0..1. Over the image by default; cortical porosity is that over the cortex,
 * pores included.
 * @param options.within the region; pores outside do not count.
 * @returns null for an empty region.
 */
export function porosity(pores: Mask, { within }: { within?: Mask } = {}): number | null {
  if (within) requireSameMaskSize('porosity', pores, within);
  let inside = 0;
  let pore = 0;
  for (let i = 0; i < pores.data.length; i++) {
    if (within && !within.data[i]) continue;
    inside++;
    pore += pores.data[i];
  }
  return inside > 0 ? pore / inside : null;
}
