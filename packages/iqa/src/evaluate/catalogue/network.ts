import { pathSimilarity } from '../../network/graph/path-similarity.js';
import type { EvaluationContext } from '../context.js';
import { measuredOr, type Measured, type Metric } from '../metric.js';

const noBranches = 'the reference has no branches';
const recallAt =
  (share: number) =>
  ({ recallAtInvention }: EvaluationContext): Measured =>
    measuredOr(recallAtInvention && recallAtInvention.at(share), noBranches);

/** Branches and paths: what was found, missed and invented. */
export const networkMetrics = {
  weak_branch_recall: {
    compute: ({ comparison: c }) => measuredOr(c.weakRecall, noBranches),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Weak-branch recall',
    digits: 3,
    doc: "Found share of the dimmest third of the reference's centreline length.",
    source: 'own',
  },
  invented_length: {
    compute: ({ comparison: c }) => measuredOr(c.inventedShare, 'the estimate has no branches'),
    better: 'lower',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Invented length',
    digits: 3,
    doc: "Share of the estimate's centreline length without a counterpart in the reference.",
    source: 'own',
  },
  branch_recall: {
    compute: ({ comparison: c }) => measuredOr(c.recall, noBranches),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Branch recall',
    digits: 3,
    doc: "Found share of the reference's centreline length.",
    source: 'own',
  },
  recall_at_invention_05: {
    compute: recallAt(0.05),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    overLevels: true,
    label: 'Recall at 5 % invented',
    digits: 3,
    doc: "Largest recall of the reference's centreline over levels where at most 5 % of the estimate's is invented.",
    source: 'own',
  },
  recall_at_invention_10: {
    compute: recallAt(0.1),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    overLevels: true,
    label: 'Recall at 10 % invented',
    digits: 3,
    doc: "Largest recall of the reference's centreline over levels where at most 10 % of the estimate's is invented.",
    source: 'own',
  },
  recall_at_invention_20: {
    compute: recallAt(0.2),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    overLevels: true,
    label: 'Recall at 20 % invented',
    digits: 3,
    doc: "Largest recall of the reference's centreline over levels where at most 20 % of the estimate's is invented.",
    source: 'own',
  },
  recall_area: {
    compute: ({ recallAtInvention }) => measuredOr(recallAtInvention && recallAtInvention.area, noBranches),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    overLevels: true,
    label: 'Recall over invented shares',
    digits: 3,
    doc: 'Mean of recall at equal invention over invented shares from 0 to 20 %.',
    source: 'own',
  },
  path_similarity: {
    compute: ({ masks, skeletons, tolerance, options }) =>
      measuredOr(
        pathSimilarity(masks.reference, masks.estimate, {
          snap: 2 * tolerance,
          pixelSize: options.pixelSize,
          skeletons,
        }),
        'no paths in either network',
      ),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Path similarity',
    digits: 3,
    doc:
      "Harmonic mean, both ways, of 1 - |L - L'| / L over shortest paths between nodes; nodes match within " +
      'twice the tolerance.',
    source: 'after Van Etten et al. 2018, arXiv:1807.01232',
  },
  degree_distance: {
    compute: ({ comparison: c }) => measuredOr(c.degrees.wasserstein, 'a network is empty'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'graph',
    label: 'Degree distance',
    digits: 3,
    doc: 'Wasserstein-1 distance of the distributions of node degrees.',
    source: 'definition',
  },
  branch_length_distance: {
    compute: ({ comparison: c }) => measuredOr(c.branchLengths.wasserstein, 'a network is empty'),
    better: 'lower',
    unit: 'px',
    range: [0, null],
    needs: 'graph',
    label: 'Branch-length distance',
    digits: 3,
    doc: 'Wasserstein-1 distance of the distributions of branch lengths.',
    source: 'definition',
  },
  attack_distance: {
    compute: ({ attacks }) => measuredOr(attacks.distance, 'a network is empty'),
    better: 'lower',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Attack distance',
    digits: 3,
    doc: 'Area between the two curves of the largest component as branches go, thinnest first.',
    source: 'after Albert et al. 2000, doi 10.1038/35019019',
  },
} as const satisfies Record<string, Metric>;
