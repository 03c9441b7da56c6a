import { InputError } from '@lacuna/core';
import { buildGenerator, type NetworkOutput } from '../architectures/index.js';
import type { Graph, Tensor } from '../graph/index.js';
import { pixelLoss, type PixelLoss } from '../losses/index.js';
import { lrInput, type RegimeContext } from './regime.js';
import type { TeacherSpec } from './teacher-spec.js';

/** Scope of the teacher's weights, which nothing trains. */
export const TEACHER = 'teacher';

/** What a teacher makes of the LR patches of a step. */
export interface TeacherAnswer {
  readonly sr: Tensor;
  readonly network: NetworkOutput | null;
}

/**
 * The teacher's answer to what was measured: it sees whole branches where the student's patches are broken on purpose.
 * @throws {InputError} where the context has none.
 */
export function askTeacher(g: Graph, lr: Tensor, context: RegimeContext): TeacherAnswer {
  const { teacher, factor, channels, planes = 1, hasBreaks } = context;
  if (!teacher)
    throw new InputError({
      who: 'regime.teacher',
      got: 'a context without a teacher',
      wanted: 'the model that the student learns from',
    });
  const measured = hasBreaks ? lrInput(g, context, 'lrWhole') : lr;
  const { model, networkHead } = teacher;
  return buildGenerator(g, TEACHER, measured, model, { factor, channels, planes, networkHead, training: false });
}

/** A weighted part of a loss, by the name that its value is logged under. */
export interface WeightedTerm {
  readonly name: string;
  readonly weight: number;
  readonly value: Tensor;
}

/** What pixel losses compare: a student's image with the truth and, where there is a teacher, with its answer. */
interface PixelTermImages {
  readonly sr: Tensor;
  readonly hr: Tensor;
  readonly answer: TeacherAnswer | null;
}

/**
 * The pixel loss d of a student, of share s of the teacher's image T:
 *
 *     (1 - s) d(SR, HR) + s d(SR, T),
 *
 * Hinton et al. 2015 (arXiv:1503.02531) for images, as in super-resolution (arXiv:2404.02573). Terms of weight 0 are
 * left out: with a share of 1 nothing is read off the HR patches.
 */
export function pixelTerms(
  g: Graph,
  { loss, teacher }: { readonly loss: PixelLoss; readonly teacher?: TeacherSpec | undefined },
  { sr, hr, answer }: PixelTermImages,
): WeightedTerm[] {
  if (!teacher || answer === null) return [{ name: 'pixel', weight: 1, value: pixelLoss(g, loss, sr, hr) }];
  const { share } = teacher;
  const truth = { name: 'pixel', weight: 1 - share, value: () => pixelLoss(g, loss, sr, hr) };
  const taught = { name: 'teacher', weight: share, value: () => pixelLoss(g, loss, sr, answer.sr) };
  return [truth, taught]
    .filter(({ weight }) => weight > 0)
    .map(({ name, weight, value }) => ({ name, weight, value: value() }));
}
