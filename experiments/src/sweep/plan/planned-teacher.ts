import { resolve } from 'node:path';
import { keepsNetworkHead, type Teacher } from '@lacuna/models';
import type { Trial } from '@lacuna/sweep';
import { readTeacher, requireSameTask } from '../../trial/teacher.js';
import { plannedView, taskOf } from '../../trial/view/view.js';
import { teacherIn } from '../spec/model-links.js';
import type { TrialSpec } from '../spec/spec.js';

/** Trials among which a teacher's is found. */
type PlannedTrial = Trial<TrialSpec>;
export type TrialsById = ReadonlyMap<string, PlannedTrial>;

/**
 * The teacher of a planned trial, as its own trial's settings or its file say; null for a trial that has none.
 * @throws {InputError} for one of another factor or other planes, and for a file that is none.
 */
export function plannedTeacher({ config, after }: PlannedTrial, trials: TrialsById): Teacher | null {
  const teacher = teacherIn(config);
  if (teacher === null) return null;
  const student = taskOf(config, plannedView(config));
  const { file, method } = teacher.from;
  if (file !== undefined) return readTeacher('regime.teacher.from.file', resolve(process.cwd(), file), student).teacher;
  const before = trials.get(after ?? '');
  if (before === undefined) return null;
  requireSameTask(`regime.teacher.from.method ${method}`, taskOf(before.config, plannedView(before.config)), student);
  return { model: before.config.model, networkHead: keepsNetworkHead(before.config.regime) };
}
