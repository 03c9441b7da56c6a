import { createRng, formatBytes, type Image } from '@lacuna/core';
import type { DegradationSpec } from '@lacuna/datasets';
import type { Pixels } from '@lacuna/models';
import { writePairs } from '../../pairs/write-pairs.js';
import type { OwnLevelChoice, Scores, TestScores } from '../../sweep/results/results.js';
import { ceilingOf } from './ceiling.js';
import type { TrialContext } from '../context.js';
import { scoreEvidence, withEvidence } from './evidence-scores.js';
import { findHeadLevel, findOwnLevel, scoreAtOwnLevel } from './own-level.js';
import { givenMap } from './given-map.js';
import { keepImages, type RoleImages, type RolePairs } from './kept-images.js';
import type { Pair } from '../data/pair.js';
import { headsRead, scoreAsRead } from './head-scores.js';
import type { Protocol } from './scores.js';
import { shareOnce } from '../data/shared.js';
import { estimateAll, estimateOf, saveGiven, saveImages, saveScale, type Estimate } from '../sr-images.js';
import { scoreValidation } from './validation-scores.js';

/** How a method enlarges an LR image. */
type Enlarge = (lr: Image) => Promise<Pick<Pixels, 'data' | 'width' | 'height' | 'depth' | 'network'>>;

/** What a chosen method is worth. */
export interface Tested extends TestScores {
  readonly validation: Scores;
  readonly ceiling: TestScores | null;
  /** The levels that suit its images and its head's probability best; null without a head. */
  readonly levels: { readonly ownLevel: OwnLevelChoice; readonly headLevel: OwnLevelChoice | null };
}

/** The chosen method: validation with its own level, then the test split, once, at the common level and at its own. */
export async function testMethod(
  context: TrialContext,
  enlarge: Enlarge,
  validated?: readonly Estimate[],
): Promise<Tested> {
  const { data, protocol, options, spec } = context;
  const images = validated ?? (await estimateAll(data.validation, enlarge));
  const validation = scoreValidation(data.validation, images, { protocol, training: spec.training });
  const levels = {
    ownLevel: findOwnLevel(data.validation, images, protocol),
    headLevel: findHeadLevel(data.validation, images, protocol),
  };
  const isHeadRead = headsRead(images, protocol) !== null;
  const ownLevel = isHeadRead ? levels.headLevel! : levels.ownLevel;
  const pairs = data.test();
  const estimates = await estimateAll(pairs, enlarge);
  const scores = await withEvidenceAsked(context, enlarge, {
    pairs,
    estimates,
    scores: scoreAtBothLevels(pairs, estimates, { ownLevel, protocol }),
  });
  saveScale(options.folder, data);
  if (options.keep.images !== 'none') {
    saveImages(options.folder, pairs[0], estimates[0], data);
    await saveDoubt(context, enlarge, { pair: pairs[0], estimate: estimates[0] });
  }
  if (options.keep.images === 'all') {
    const kept = {
      pairs: { test: pairs, validation: data.validation },
      images: { test: estimates, validation: images },
    };
    await keepAll(context, kept);
  }
  return { validation, ...scores, ceiling: await ceilingOf(context, pairs), levels };
}

/** Test scores with the evidence that the spec asks for. */
async function withEvidenceAsked(
  context: TrialContext,
  enlarge: Enlarge,
  made: { readonly pairs: readonly Pair[]; readonly estimates: readonly Estimate[]; readonly scores: TestScores },
): Promise<TestScores> {
  const { spec, data, protocol } = context;
  const { pairs, estimates, scores } = made;
  const { evidence: names, smoothing, tolerance } = spec.evaluation;
  if (names === undefined) return scores;
  const evidence = await scoreEvidence(pairs, estimates, {
    names,
    degradation: knownDegradation(context),
    enlarge: async (lr, pair) => estimateOf(await enlarge(lr), pair),
    readsHead: headsRead(estimates, protocol) !== null,
    level: scores.ownLevel.level ?? data.level,
    smoothing,
    tolerance,
  });
  return { ...scores, test: withEvidence(scores.test, evidence) };
}

/** Splits of the light of the region that is shown. */
const SPLITS = 2;

/** Which branches of the region that is shown halves of the light give, where the spec asks for doubtful branches. */
async function saveDoubt(
  context: TrialContext,
  enlarge: Enlarge,
  { pair, estimate }: { readonly pair: Pair; readonly estimate: Estimate },
): Promise<void> {
  const { spec, protocol, options } = context;
  const { evidence: names = [], tolerance } = spec.evaluation;
  const degradation = knownDegradation(context);
  if (degradation === null || !names.includes('doubtful_branches')) return;
  const given = await givenMap(pair.lr, estimate, {
    degradation,
    restore: async (lr) => estimateOf(await enlarge(lr), pair),
    segment: protocol.segment,
    tolerance,
    splits: SPLITS,
    rng: createRng(0).fork('evidence').fork(pair.region.box.image),
  });
  saveGiven(options.folder, given);
}

/** How the scans were made; null where an instrument made them, or the degradation is drawn. */
const knownDegradation = ({ data, spec }: TrialContext): DegradationSpec | null =>
  data.source.lr === null && data.forward !== null ? spec.degradation : null;

/** Keeps the method's images, and once for all methods the pairs that they are held to. */
async function keepAll(
  context: TrialContext,
  { pairs, images }: { readonly pairs: RolePairs; readonly images: RoleImages },
): Promise<void> {
  const { data, options, spec } = context;
  const { bytes } = options.keep;
  const leftOut = keepImages(options.folder, { pairs, images, digest: data.source.digest }, bytes);
  const shared = await shareOnce(context, {
    name: 'pairs',
    decidedBy: null,
    file: 'pairs.json',
    make: (folder) => writePairs(data, spec, { folder, roles: ['test', 'validation'], bytes }),
  });
  if (leftOut + shared.leftOut === 0) return;
  const what = leftOut > 0 ? `${leftOut} of its regions` : `${shared.leftOut} pairs`;
  options.onWarning(`${what} not kept: no room (${formatBytes(bytes)} a trial); a larger keep.limit keeps them`);
}

/** Test scores at the common level and at one of the method's own. */
export function scoreAtBothLevels(
  pairs: readonly Pair[],
  estimates: readonly Estimate[],
  { ownLevel, protocol }: { readonly ownLevel: TestScores['ownLevel']; readonly protocol: Protocol },
): TestScores {
  const read = headsRead(estimates, protocol) ?? estimates;
  return {
    test: scoreAsRead(pairs, estimates, protocol),
    ownLevel,
    testOwnLevel: scoreAtOwnLevel(pairs, read, ownLevel, protocol),
  };
}
