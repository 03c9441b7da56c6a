import { createRng, type Image, type Rng } from '@lacuna/core';
import type { DegradationSpec } from '@lacuna/datasets';
import { extractGraph } from '@lacuna/iqa';
import type { EvidenceName } from '../../explain/evidence-names.js';
import { backgroundOf, blankField, networkDensity } from '../../explain/from-nothing.js';
import { GIVEN_FROM, splitIntoHalves } from '../../explain/halves.js';
import { lengthMean } from '../../explain/length-mean.js';
import { measuredParts, measuredShares } from '../../explain/measured.js';
import { readNetwork, type Restored } from '../../explain/read-network.js';
import { measureNetwork } from '../../network/measured.js';
import type { Scores } from '../../sweep/results/results.js';
import type { Pair } from '../data/pair.js';
import type { Estimate } from '../sr-images.js';

/** Splits of the light: enough for a mean over a test split. */
const SPLITS = 2;

/** What evidence is measured with. */
export interface EvidenceOptions {
  readonly names: readonly EvidenceName[];
  /** Null where nobody knows how the scans were made. */
  readonly degradation: DegradationSpec | null;
  readonly enlarge: (lr: Image, pair: Pair) => Promise<Estimate>;
  /** Networks come from the head. */
  readonly readsHead: boolean;
  /** The method's own level; the common one where it has none. */
  readonly level: number;
  readonly smoothing: number;
  /** px. */
  readonly tolerance: number;
}

/**
 * Mean evidence over regions, each method at its own level: the measured share of the branches' contrast (by length),
 * the share of branches of which halves of the light give less than half, and what becomes network on a blank field
 * (mm/mm², mm/mm³, px where pixels have no size). See docs/explain.md.
 */
export async function scoreEvidence(
  pairs: readonly Pair[],
  estimates: readonly Estimate[],
  options: EvidenceOptions,
): Promise<Pick<Scores, 'values' | 'undefinedBecause' | 'cases'>> {
  const undefinedBecause: Record<string, string> = {};
  const cases: { name: string; values: Record<string, number | null> }[] = [];
  for (const [i, pair] of pairs.entries()) {
    const name = pair.region.box.image;
    const values: Record<string, number | null> = {};
    for (const each of options.names) {
      const found = await evidenceOf(each, { pair, estimate: estimates[i] }, options);
      values[each] = found.value;
      if (found.value === null) undefinedBecause[each] = `${name}: ${found.reason}`;
    }
    cases.push({ name, values });
  }
  const means = options.names.map((name) => {
    const list = cases.map(({ values }) => values[name]).filter((value) => value !== null);
    return [name, list.length > 0 ? list.reduce((sum, value) => sum + value, 0) / list.length : null] as const;
  });
  return { values: Object.fromEntries(means), undefinedBecause, cases };
}

type Found = { readonly value: number } | { readonly value: null; readonly reason: string };

async function evidenceOf(
  name: EvidenceName,
  { pair, estimate }: { readonly pair: Pair; readonly estimate: Estimate },
  options: EvidenceOptions,
): Promise<Found> {
  const { degradation, enlarge, readsHead, level, smoothing, tolerance } = options;
  if (degradation === null) return { value: null, reason: 'how the scans were made is not known' };
  const restore = async (lr: Image): Promise<Restored> => restored(await enlarge(lr, pair), readsHead);
  const own = restored(estimate, readsHead);
  const reading = { level, smoothing };
  const read = readNetwork(own.map, reading);
  const rng = createRng(0).fork('evidence').fork(pair.region.box.image);
  if (name === 'invented_from_nothing') {
    const brightness = backgroundOf(own.image, read.mask);
    return { value: await inventedOn(pair.lr, { degradation, brightness, restore, reading, rng }) };
  }
  if (!read.skeleton.data.includes(1) || !read.mask.data.includes(0))
    return { value: null, reason: 'no network, or nothing else, in the estimate' };
  const numbers = (pixel: number) => own.image.data[pixel];
  const about = { pixelSize: own.image.pixelSize, dark: false, name: pair.region.box.image };
  const network = measureNetwork(read, numbers, about);
  if (network.branches.length === 0) return { value: null, reason: 'no branch in the estimate' };
  if (name === 'measured_share') {
    const shares = measuredShares(network, read.mask, own.image, measuredParts(own.image, pair.lr, degradation));
    const value = lengthMean(
      network.branches,
      shares.map(({ measured }) => measured),
    );
    return value === null ? { value, reason: 'no branch has a contrast' } : { value };
  }
  const { agreement } = await splitIntoHalves(pair.lr, network, {
    restorer: { restore },
    degradation,
    reading,
    tolerance: tolerance * network.spacing.x,
    rng,
    splits: SPLITS,
  });
  return { value: agreement.filter((share) => share < GIVEN_FROM).length / agreement.length };
}

const restored = (estimate: Estimate, readsHead: boolean): Restored => ({
  image: estimate,
  map: readsHead ? estimate.network! : estimate,
});

/** Density of what a method draws on a blank field. */
async function inventedOn(
  lr: Image,
  how: {
    readonly degradation: DegradationSpec;
    readonly brightness: number;
    readonly restore: (lr: Image) => Promise<Restored>;
    readonly reading: { readonly level: number; readonly smoothing: number };
    readonly rng: Rng;
  },
): Promise<number> {
  const { map } = await how.restore(blankField(lr, how, how.rng.fork('blank')));
  const { skeleton } = readNetwork(map, how.reading);
  const { x, y, z = x, unit } = map.pixelSize ?? { x: 1, y: 1, unit: 'px' as const };
  const spacing = { x, y, z };
  return networkDensity(extractGraph(skeleton, { spacing }), skeleton, { spacing, unit }).value;
}

/** Scores with the evidence beside them. */
export function withEvidence(scores: Scores, evidence: Pick<Scores, 'values' | 'undefinedBecause' | 'cases'>): Scores {
  return {
    ...scores,
    values: { ...scores.values, ...evidence.values },
    undefinedBecause: { ...scores.undefinedBecause, ...evidence.undefinedBecause },
    cases: (scores.cases ?? []).map((each, i) => ({
      ...each,
      values: { ...each.values, ...evidence.cases?.[i]?.values },
    })),
  };
}
