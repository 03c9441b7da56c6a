import type { PixelSize } from '@lacuna/core';
import { compareAttacks, frc, type Evaluation, type Intensities, type NetworkComparison } from '@lacuna/iqa';
import type { Cell } from './csv.js';
import { mark, type ComparedNetworksData, type FigureImage } from '../figures/index.js';

/** What the figure of two networks shows, of one measured pair. @throws {InputError} for images of several channels. */
export function comparedNetworks(
  name: string,
  { compare, images: { reference, estimate } }: Evaluation,
  pixelSize: PixelSize | null,
): ComparedNetworksData {
  const found = compare();
  const { graphs } = found;
  const flat = flatten(reference);
  const attacks = compareAttacks(graphs.reference, graphs.estimate, 'thinnest');
  const degrees = (side: 'reference' | 'estimate') => graphs[side].nodes.map((node) => node.degree);
  const lengths = (side: 'reference' | 'estimate') => graphs[side].branches.map((branch) => branch.length);
  const curve = ({ removed, largest }: (typeof attacks)['reference']) => ({ x: removed, y: largest });
  const { width, height, depth } = reference;
  const spectrum =
    width >= 8 && height >= 8 && (depth === 1 || depth >= 8)
      ? frc(reference, estimate, pixelSize ? { spacing: pixelSize } : {})
      : null;
  return {
    title: name,
    reference: flat,
    estimate: flatten(estimate),
    window: windowOf(flat.data),
    marks: flattenMarks(found, reference),
    pixelSize,
    unit: found.unit === 'um' ? 'µm' : found.unit,
    branches: { found: found.found.length, missed: found.missed.length, invented: found.invented.length },
    lengths: found.lengths,
    recallByIntensity: found.recallByIntensity,
    recallByDiameter: found.recallByDiameter,
    degrees: { reference: degrees('reference'), estimate: degrees('estimate') },
    branchLengths: { reference: lengths('reference'), estimate: lengths('estimate') },
    attacks: { reference: curve(attacks.reference), estimate: curve(attacks.estimate) },
    correlation: spectrum ? { x: spectrum.frequencies.subarray(1), y: spectrum.correlation.subarray(1) } : null,
  };
}

/** The brightest value along z. */
function flatten({ data, width, height, depth }: Intensities): FigureImage {
  const size = width * height;
  const out = Float32Array.from(data.subarray(0, size));
  for (let z = 1; z < depth; z++) for (let i = 0; i < size; i++) out[i] = Math.max(out[i], data[z * size + i]);
  return { data: out, width, height };
}

/** Invented before missed before found. */
function flattenMarks({ labels }: NetworkComparison, { width, height }: Intensities): Uint8Array {
  const size = width * height;
  const out = new Uint8Array(size).fill(mark.none);
  for (let i = 0; i < labels.length; i++) out[i % size] = Math.max(out[i % size], labels[i]);
  return out;
}

/** From the darkest pixel of a thousand to the brightest of a thousand. */
function windowOf(data: Float32Array): readonly [number, number] {
  const sorted = data.slice().sort();
  const low = sorted[Math.floor(sorted.length * 0.001)];
  const high = sorted[Math.ceil((sorted.length - 1) * 0.999)];
  return high > low ? [low, high] : [low, low + 1];
}

/** A line for each branch that is found, missed or invented, with its middle in px. */
export function branchRows(
  name: string,
  {
    compare,
    images: {
      reference: { width, height },
    },
  }: Evaluation,
): Cell[][] {
  const { found, missed, invented, unit } = compare();
  return (
    [
      ['found', found],
      ['missed', missed],
      ['invented', invented],
    ] as const
  ).flatMap(([kind, list]) =>
    list.map(({ branch, share, intensity, contrast }) => {
      const middle = branch.pixels[branch.pixels.length >> 1];
      return [
        name,
        kind,
        branch.length,
        branch.width,
        unit,
        intensity,
        contrast,
        share,
        middle % width,
        Math.floor(middle / width) % height,
        Math.floor(middle / (width * height)),
      ];
    }),
  );
}

/** The columns of {@link branchRows}. */
export const branchColumns = [
  'image',
  'branch',
  'length',
  'width',
  'unit',
  'intensity',
  'contrast',
  'share_matched',
  'x',
  'y',
  'z',
];
