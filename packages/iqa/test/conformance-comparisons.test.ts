import { describe, expect, it } from 'vitest';
import {
  bettiErrors,
  clDice,
  compareAttacks,
  compareNetworks,
  dice,
  evaluate,
  extractGraph,
  morphometry,
  otsuThreshold,
  pathSimilarity,
  recallAtInvention,
  smooth,
  surfaceDistances,
  threshold,
  type MetricName,
} from '../src/index.js';
import { holds } from './conformance.js';
import { largestDeviation, readGolden, unpackGrid, unpackMask, type Packed } from './golden.js';

type Own = Record<
  | 'porosity'
  | 'largest_component'
  | 'length_density'
  | 'node_density'
  | 'mean_degree'
  | 'tortuosity'
  | 'connectivity_density',
  number
>;
interface Case {
  name: string;
  dataRange: number;
  spacing: number[];
  tolerance: number;
  images: [Packed, Packed];
  masks: [Packed, Packed];
  skeletons: [Packed, Packed];
  values: Record<string, number>;
  own: [Own, Own];
  found: number;
  missed: number;
  invented: number;
}

/** Where a value comes from. The rest: network_definitions.py, on networkx, SciPy and NumPy. */
const libraries: Record<string, string> = {
  dice: 'NumPy',
  cldice: 'NumPy',
  cldice_precision: 'NumPy',
  cldice_recall: 'NumPy',
  betti0_error: 'gudhi',
  betti1_error: 'gudhi',
  betti2_error: 'gudhi',
  euler_error: 'scikit-image',
  hd95: 'SciPy, definitions of Metrics Reloaded',
  assd: 'SciPy, definitions of Metrics Reloaded',
  nsd: 'SciPy, definitions of Metrics Reloaded',
  porosity: 'NumPy',
  largest_component: 'SciPy',
  connectivity_density: 'NumPy, cell by cell',
};
const referenceOf = (name: string) => libraries[name.replace('_relative', '')] ?? 'networkx, SciPy';
const exact = new Set(['betti0_error', 'betti1_error', 'betti2_error', 'euler_error']);
const held = (name: string, got: number | null | undefined, wanted: number) =>
  holds(name, referenceOf(name), Math.abs((got ?? NaN) - wanted), exact.has(name) ? 0 : 1e-9);

describe.each(readGolden<Case>('comparisons'))(
  'two networks against gudhi, networkx, SciPy and NumPy: $name',
  (golden) => {
    const [reference, estimate] = golden.images.map(unpackGrid);
    const [mask, other] = golden.masks.map(unpackMask);
    const [skeleton, otherSkeleton] = golden.skeletons.map(unpackMask);
    const [x, y, z] = [...golden.spacing].reverse();
    const spacing = { x, y, ...(z === undefined ? {} : { z }) };
    const pixelSize = { ...spacing, unit: 'um' as const };
    const { tolerance, values } = golden;
    const skeletons = { reference: skeleton, estimate: otherSkeleton };

    it('masks at the level of the reference', () => {
      const soft = smooth(reference, 1);
      const level = otsuThreshold(soft);
      holds(
        'masks by Otsu',
        'scikit-image, SciPy',
        Math.max(
          largestDeviation(threshold(soft, level).data, mask.data),
          largestDeviation(threshold(smooth(estimate, 1), level).data, other.data),
        ),
        0,
      );
    });

    it('overlap and topology', () => {
      const { value, precision, recall } = clDice(mask, other, skeletons);
      const errors = bettiErrors(mask, other);
      held('dice', dice(mask, other).value, values.dice);
      held('cldice', value, values.cldice);
      held('cldice_precision', precision, values.cldice_precision);
      held('cldice_recall', recall, values.cldice_recall);
      held('betti0_error', errors.b0, values.betti0_error);
      held('betti1_error', errors.b1, values.betti1_error);
      held('betti2_error', errors.b2, values.betti2_error);
      held('euler_error', errors.euler, values.euler_error);
      const surfaces = surfaceDistances(mask, other, { spacing, tolerance });
      for (const key of ['hd95', 'assd', 'nsd'] as const) held(key, surfaces[key], values[key]);
    });

    it('branches found, missed and invented, distributions, paths and attacks', () => {
      const c = compareNetworks(mask, other, { tolerance, pixelSize, skeletons, intensities: { reference, estimate } });
      expect([c.found.length, c.missed.length, c.invented.length]).toEqual([
        golden.found,
        golden.missed,
        golden.invented,
      ]);
      held('branch_recall', c.recall, values.branch_recall);
      held('weak_branch_recall', c.weakRecall, values.weak_branch_recall);
      held('invented_length', c.inventedShare, values.invented_length);
      held('degree_distance', c.degrees.wasserstein, values.degree_distance);
      held('branch_length_distance', c.branchLengths.wasserstein, values.branch_length_distance);
      held(
        'path_similarity',
        pathSimilarity(mask, other, { snap: 2 * tolerance, pixelSize, skeletons }),
        values.path_similarity,
      );
      held(
        'attack_distance',
        compareAttacks(c.graphs.reference, c.graphs.estimate, 'thinnest').distance,
        values.attack_distance,
      );
    });

    it('what either network is by itself', () => {
      [
        [mask, skeleton],
        [other, otherSkeleton],
      ].forEach(([m, s], k) => {
        const ours = morphometry(m, extractGraph(s, { spacing }), { spacing });
        const wanted = golden.own[k];
        held('porosity', ours.porosity, wanted.porosity);
        held('largest_component', ours.largestComponent, wanted.largest_component);
        held('length_density', ours.lengthDensity, wanted.length_density);
        held('node_density', ours.nodeDensity, wanted.node_density);
        held('mean_degree', ours.meanDegree, wanted.mean_degree);
        held('tortuosity', ours.tortuosity, wanted.tortuosity);
        held('connectivity_density', ours.connectivityDensity, wanted.connectivity_density);
      });
    });

    // Volumes are thinned by a method of our own, which keeps the topology: their skeletons have no reference.
    if (mask.depth === 1)
      it('all of them at once, by name, from the images', () => {
        const own = Object.keys(golden.own[0]) as (keyof Own)[];
        const metrics = [...Object.keys(values), ...own] as MetricName[];
        const { values: ours, referenceValues } = evaluate(reference, estimate, {
          dataRange: golden.dataRange,
          metrics,
          pixelSize,
          tolerance: tolerance / x,
        });
        for (const [name, wanted] of Object.entries(values)) held(name, ours[name as MetricName], wanted);
        for (const name of own) {
          held(name, referenceValues[name], golden.own[0][name]);
          held(name, ours[name], golden.own[1][name]);
        }
      });
  },
);

interface RecallCase {
  name: string;
  curve: [level: number, recall: number, invented: number][];
  at: [number, number, number];
  area: number;
}
const recalls = readGolden<RecallCase>('recalls').map((golden) => ({
  ...golden,
  pair: readGolden<Case>('comparisons').find(({ name }) => name === golden.name)!,
}));

describe.each(recalls)('recall at equal invention against its definition: $name', ({ curve, at, area, pair }) => {
  const [y, x] = pair.spacing;
  const reference = { mask: unpackMask(pair.masks[0]), skeleton: unpackMask(pair.skeletons[0]) };
  const estimate = smooth(unpackGrid(pair.images[1]), 1);
  const ours = recallAtInvention(reference, estimate, { tolerance: pair.tolerance, spacing: { x, y } })!;

  it('the curve, its values at .05, .10 and .20, and its mean', () => {
    const flat = ours.curve.flatMap(({ level, recall, invented }) => [level / pair.dataRange, recall, invented]);
    const wanted = curve.flatMap(([level, recall, invented]) => [level / pair.dataRange, recall, invented]);
    const source = 'scikit-image, networkx, SciPy';
    holds('recall_area: curve', source, largestDeviation(flat, wanted), 1e-9);
    holds('recall_at_invention_05', source, Math.abs(ours.at(0.05) - at[0]), 1e-9);
    holds('recall_at_invention_10', source, Math.abs(ours.at(0.1) - at[1]), 1e-9);
    holds('recall_at_invention_20', source, Math.abs(ours.at(0.2) - at[2]), 1e-9);
    holds('recall_area', source, Math.abs(ours.area - area), 1e-9);
  });
});
