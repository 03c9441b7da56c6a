import type { Image } from '@lacuna/core';
import type { Pixels } from '@lacuna/models';
import type { Scores, TestScores } from '../sweep/results.js';
import { ceilingOf } from './ceiling.js';
import type { TrialContext } from './context.js';
import { findOwnLevel, scoreAtOwnLevel } from './own-level.js';
import type { Pair } from './pair.js';
import { scoreRegions, type Protocol } from './scores.js';
import { estimateAll, saveImages } from './sr-images.js';
import { scoreValidation } from './validation-scores.js';

/** How a method enlarges an LR image. */
type Enlarge = (lr: Image) => Promise<Pick<Pixels, 'data' | 'width' | 'height'>>;

/** What a chosen method is worth. */
export interface Tested extends TestScores {
  readonly validation: Scores;
  readonly ceiling: TestScores | null;
}

/** The chosen method: validation with its own level, then the test split, once, at the common level and at its own. */
export async function testMethod(
  context: TrialContext,
  enlarge: Enlarge,
  validated?: readonly Image[],
): Promise<Tested> {
  const { data, protocol, options, spec } = context;
  const images = validated ?? (await estimateAll(data.validation, enlarge));
  const validation = scoreValidation(data.validation, images, { protocol, training: spec.training });
  const ownLevel = findOwnLevel(data.validation, images, protocol);
  const pairs = data.test();
  const estimates = await estimateAll(pairs, enlarge);
  saveImages(options.folder, pairs[0], estimates[0], data);
  const scores = scoreAtBothLevels(pairs, estimates, { ownLevel, protocol });
  return { validation, ...scores, ceiling: await ceilingOf(context, pairs) };
}

/** Test scores at the common level and at one of the method's own. */
function scoreAtBothLevels(
  pairs: readonly Pair[],
  estimates: readonly Image[],
  { ownLevel, protocol }: { readonly ownLevel: TestScores['ownLevel']; readonly protocol: Protocol },
): TestScores {
  return {
    test: scoreRegions(pairs, estimates, protocol),
    ownLevel,
    testOwnLevel: scoreAtOwnLevel(pairs, estimates, ownLevel, protocol),
  };
}
