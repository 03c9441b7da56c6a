import { z } from 'zod';
import { modelSource } from '../model-source.js';

/** The model that a student learns from. */
const teacherFrom = modelSource(
  'a model that Lacuna trained (best.safetensors), relative to the spec',
  'a method or a file, of the same factor and planes',
);

const teacherShare = z
  .number()
  .min(0)
  .max(1)
  .default(0.5)
  .describe("of the pixel loss that is to the teacher's image in place of the HR image; 1: HR patches are not read");

const TEACHES = { path: ['share'], message: 'wanted a share above 0: this teacher teaches nothing' };
const teachesSomething = ({ share, network = 0 }: { readonly share: number; readonly network?: number }) =>
  share > 0 || network > 0;

/** A larger model, trained before, that shows how it would have enlarged each patch (distillation). */
export const teacher = z
  .strictObject({ from: teacherFrom, share: teacherShare })
  .refine(teachesSomething, TEACHES)
  .describe('a trained model whose image a model learns from as well (distillation); none by default');

/** {@link teacher}, whose network counts too. */
export const geometryTeacher = z
  .strictObject({
    from: teacherFrom,
    share: teacherShare,
    network: z
      .number()
      .min(0)
      .default(0.02)
      .describe("weight of the cross entropy to the teacher's probability of network, that of its head if it has one"),
  })
  .refine(teachesSomething, TEACHES)
  .describe('a trained model whose image and network a model learns from as well (distillation); none by default');

/** What a spec says of a teacher. */
export type TeacherSpec = z.infer<typeof teacher>;

/** The teacher that a regime names; null where it has none. */
export const teacherOf = (regime: { readonly kind: string; readonly teacher?: TeacherSpec | undefined }) =>
  regime.teacher ?? null;
