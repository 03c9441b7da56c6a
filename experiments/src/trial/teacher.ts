import { InputError, readRegularFile } from '@lacuna/core';
import {
  decodeTensorFile,
  isTensorFile,
  parseModelMetadata,
  type InitialWeights,
  type ModelMetadata,
  type Teacher,
} from '@lacuna/models';
import { canonicalJson } from '@lacuna/sweep';

/** What a model does, whatever is inside it: by how much images grow, and what it sees of them. */
export type Task = Pick<ModelMetadata, 'factor' | 'channels' | 'slicing'>;

/**
 * Holds a teacher to what its student does.
 * @throws {InputError} where it enlarges by another factor, or sees other channels or planes.
 */
export function requireSameTask(who: string, teacher: Task, student: Task): void {
  const [got, wanted] = [teacher, student].map(describeTask);
  if (got === wanted) return;
  throw new InputError({
    who,
    got: `a teacher of ${got}`,
    wanted: `${wanted}, as its student`,
    remedy: 'name a model of the same factor, channels and planes',
  });
}

function describeTask({ factor, channels, slicing }: Task): string {
  const planes = slicing === undefined ? '' : `, planes ${canonicalJson(slicing)}`;
  return `factor ${canonicalJson(factor)}, ${channels} channel${channels === 1 ? '' : 's'}${planes}`;
}

/** A teacher from a file. */
export interface ReadTeacher {
  readonly teacher: Teacher;
  readonly weights: InitialWeights;
}

/**
 * Reads the model file of a teacher.
 * @param who names the field that asks for it.
 * @throws {InputError} for a file that is missing, damaged, or of another maker, and for another task.
 */
export function readTeacher(who: string, path: string, student: Task): ReadTeacher {
  const label = `${who} ${path}`;
  const wanted = 'a model that Lacuna trained (best.safetensors)';
  const bytes = readRegularFile(path, wanted);
  if (!isTensorFile(bytes))
    throw new InputError({
      who: label,
      got: 'a file of another kind',
      wanted,
      remedy: 'of an ONNX model of Lacuna, name the best.safetensors that it was exported from',
    });
  const { tensors, metadata } = decodeTensorFile(bytes, label);
  const { model, networkHead = false, ...task } = parseModelMetadata(label, metadata);
  requireSameTask(label, task, student);
  return { teacher: { model, networkHead }, weights: { who: label, tensors } };
}
