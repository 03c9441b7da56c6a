import { teacherOf } from '@lacuna/models';
import { isTrained } from './method.js';
import type { TrialSpec } from './spec.js';

/** A model that a trial needs before it begins, and the field that names it. */
interface ModelLink {
  readonly field: 'init' | 'regime.teacher';
  /** A method of the sweep, or a file. */
  readonly from: { readonly method?: string | undefined; readonly file?: string | undefined };
}

type Linked = Pick<TrialSpec, 'init' | 'regime'>;

/** The teacher that a trial's spec names; null where it has none. */
export const teacherIn = ({ regime }: Pick<TrialSpec, 'regime'>) => (isTrained(regime) ? teacherOf(regime) : null);

/** The models that a trial begins with or learns from. */
export function modelLinks(spec: Linked): ModelLink[] {
  const teacher = teacherIn(spec);
  return [
    ...(spec.init ? [{ field: 'init', from: spec.init.from } as const] : []),
    ...(teacher ? [{ field: 'regime.teacher', from: teacher.from } as const] : []),
  ];
}

/** The method whose trial of the same axes and seed is run before a trial, and where the spec says so. */
export function methodBefore(spec: Linked): { readonly method: string; readonly path: readonly string[] } | null {
  for (const { field, from } of modelLinks(spec))
    if (from.method !== undefined) return { method: from.method, path: [...field.split('.'), 'from', 'method'] };
  return null;
}
