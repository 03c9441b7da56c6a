import { InputError } from '@lacuna/core';
import type { Connectivity, Mask, Spacing } from '../mask.js';
import { labelComponents } from '../network/topology/components.js';
import { localThickness } from '../network/distance/thickness.js';
import { eigenSymmetric } from '../symmetric-matrix.js';

/** One lacuna. Lengths are in the unit of the spacing; z is 0 in planes. */
export interface Lacuna {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Volume; in planes area. */
  readonly size: number;
  /** (λ3 - λ1) / λ3 of the ascending eigenvalues of its shape tensor: 0 for a ball, towards 1 for a rod or plate. */
  readonly stretch: number;
  /** 2 (λ2 - λ1) / (λ3 - λ1) - 1: -1 for a rod, 1 for a plate; null in planes and for balls. */
  readonly oblateness: number | null;
  /** Distance to the centre of the nearest other lacuna; null for a single one. */
  readonly nearest: number | null;
}

/** A lacuno-canalicular network, taken apart. */
export interface LacunoCanalicular {
  readonly lacunae: readonly Lacuna[];
  /** Lacunae per volume (area). */
  readonly lacunarDensity: number;
  /** Share of the image in lacunae. */
  readonly lacunarPorosity: number;
  /** Share of the image in canaliculi. */
  readonly canalicularPorosity: number;
  /** Canaliculi's share of the whole porosity; null for an empty mask. */
  readonly canalicularShare: number | null;
  /** Canalicular pixels over (pixel size² · pixels outside lacunae), 1/length²; null where all is lacuna. */
  readonly canalicularDensity: number | null;
  /** 1 where a pixel belongs to a lacuna. */
  readonly lacunaMask: Mask;
}

/**
 * Takes a segmented lacuno-canalicular network apart and measures both. Lacunae are what an opening by a ball of the
 * given diameter leaves (local thickness at least that), in components of at least `smallest`; all else is canaliculi.
 *
 * Canalicular density is the number of canalicular voxels over (voxel size² · non-cell voxels); where voxels are no
 * cubes, their size is the cube root of their volume (square root of their area in planes). Stretch and oblateness
 * after Mader et al. 2013 (doi 10.1016/j.bone.2013.06.026).
 * @param options.lacunaDiameter in the unit of the spacing: above the widest canaliculus, below the smallest lacuna (2
 * µm or so in bone).
 * @param options.smallest smallest volume (area) of a lacuna; 0 by default.
 * @throws {InputError} for a diameter that is not positive, or a mask without background.
 */
export function lacunoCanalicular(
  mask: Mask,
  {
    lacunaDiameter,
    smallest = 0,
    spacing = { x: 1, y: 1 },
    connectivity = 'full',
  }: { lacunaDiameter: number; smallest?: number; spacing?: Spacing; connectivity?: Connectivity },
): LacunoCanalicular {
  if (!(lacunaDiameter > 0))
    throw new InputError({
      who: 'lacunoCanalicular',
      got: `a lacuna diameter of ${lacunaDiameter}`,
      wanted: 'a positive number in the unit of the spacing',
    });
  const thickness = localThickness(mask, { spacing });
  if (thickness[0] === Infinity)
    throw new InputError({
      who: 'lacunoCanalicular',
      got: 'a mask without background',
      wanted: 'a network in tissue',
      remedy: 'check the threshold',
    });
  const { width, height, depth } = mask;
  const volume = depth > 1;
  const scale = [spacing.x, spacing.y, volume ? (spacing.z ?? 1) : 1];
  const pixel = scale[0] * scale[1] * scale[2];
  const opened: Mask = {
    ...mask,
    data: Uint8Array.from(thickness, (t) => (t >= lacunaDiameter * (1 - 1e-12) ? 1 : 0)),
  };
  const { labels, sizes, count } = labelComponents(opened, { connectivity });
  const kept = sizes.map((n, label) => (label > 0 && n * pixel >= smallest ? 1 : 0));
  const lacunaMask: Mask = { ...mask, data: Uint8Array.from(labels, (label) => kept[label]) };
  const shapes = measureShapes(labels, count, { width, height, scale, volume }).filter((_, k) => kept[k + 1]);
  const lacunae = shapes
    .map((shape): Lacuna => {
      let nearest = Infinity;
      for (const other of shapes)
        if (other !== shape)
          nearest = Math.min(nearest, Math.hypot(shape.x - other.x, shape.y - other.y, shape.z - other.z));
      return { ...shape, size: shape.pixels * pixel, nearest: nearest === Infinity ? null : nearest };
    })
    .map(({ x, y, z, size, stretch, oblateness, nearest }) => ({ x, y, z, size, stretch, oblateness, nearest }));
  let cell = 0;
  let canal = 0;
  for (let i = 0; i < mask.data.length; i++) {
    if (lacunaMask.data[i]) cell++;
    else if (mask.data[i]) canal++;
  }
  const n = mask.data.length;
  const side2 = pixel ** (volume ? 2 / 3 : 1);
  return {
    lacunae,
    lacunaMask,
    lacunarDensity: lacunae.length / (n * pixel),
    lacunarPorosity: cell / n,
    canalicularPorosity: canal / n,
    canalicularShare: cell + canal > 0 ? canal / (cell + canal) : null,
    canalicularDensity: n > cell ? canal / (side2 * (n - cell)) : null,
  };
}

interface Shape {
  x: number;
  y: number;
  z: number;
  pixels: number;
  stretch: number;
  oblateness: number | null;
}

/** Centres and second moments of labelled components; a pixel's own extent (1/12 of its side squared) counts. */
function measureShapes(
  labels: Int32Array,
  count: number,
  { width, height, scale, volume }: { width: number; height: number; scale: readonly number[]; volume: boolean },
): Shape[] {
  const sums = Array.from({ length: count + 1 }, () => new Float64Array(10));
  const plane = width * height;
  for (let i = 0; i < labels.length; i++) {
    if (!labels[i]) continue;
    const s = sums[labels[i]];
    const x = (i % width) * scale[0];
    const y = (Math.floor(i / width) % height) * scale[1];
    const z = Math.floor(i / plane) * scale[2];
    [1, x, y, z, x * x, y * y, z * z, x * y, x * z, y * z].forEach((v, k) => {
      s[k] += v;
    });
  }
  return sums.slice(1).map(([n, x, y, z, xx, yy, zz, xy, xz, yz]): Shape => {
    const [mx, my, mz] = [x / n, y / n, z / n];
    const a = xx / n - mx * mx + scale[0] ** 2 / 12;
    const b = yy / n - my * my + scale[1] ** 2 / 12;
    const c = zz / n - mz * mz + scale[2] ** 2 / 12;
    const d = xy / n - mx * my;
    const e = xz / n - mx * mz;
    const f = yz / n - my * mz;
    const matrix = volume ? Float64Array.of(a, d, e, d, b, f, e, f, c) : Float64Array.of(a, d, d, b);
    const values = [...eigenSymmetric(matrix, volume ? 3 : 2).values].sort((p, q) => p - q);
    const top = values[values.length - 1];
    const spread = top - values[0];
    return {
      x: mx,
      y: my,
      z: mz,
      pixels: n,
      stretch: spread / top,
      oblateness: volume && spread > 1e-12 * top ? (2 * (values[1] - values[0])) / spread - 1 : null,
    };
  });
}
