import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeTensorFile } from '@lacuna/models';
import { sweepMemory } from '../../src/sweep/checks/check-memory.js';
import { checkShapes } from '../../src/sweep/checks/check-shapes.js';
import { describePlan } from '../../src/sweep/plan/plan.js';
import { at, idOf, plan, useFolders, writeModel } from './linked-methods.js';

useFolders('lacuna-teacher-');

describe('a method as teacher', () => {
  const methods = `{
    student: { regime: { kind: geometry, teacher: { from: { method: large } } } },
    large: { model: { d: 16, s: 8, m: 2 } } }`;

  it('is run before, is part of the id by what it is, and its step counts what the teacher takes', () => {
    const sweep = plan(methods);
    expect(sweep.trials.map(({ name }) => name)).toEqual([
      'large, seed 0',
      'large, seed 1',
      'student, seed 0',
      'student, seed 1',
    ]);
    expect(describePlan(sweep, 1)).toMatch(/student, seed 1 .* large, seed 1 /);
    const id = idOf(sweep, 'student');
    expect(idOf(plan(methods.replaceAll('large', 'teacher')), 'student')).toBe(id);
    expect(idOf(plan(methods, ['methods.large.training.steps=5']), 'student')).not.toBe(id);
    expect(idOf(plan(methods, ['methods.student.regime.teacher.share=0.25']), 'student')).not.toBe(id);

    expect(() => checkShapes(sweep.trials)).not.toThrow();
    const backend = { engine: 'tensorflow', device: 'CPU' } as const;
    const free = { of: 'memory', bytes: 1e12 } as const;
    const bytesOf = ({ trials }: ReturnType<typeof plan>) => {
      const students = trials.filter(({ method }) => method === 'student');
      return sweepMemory(students, backend, free, trials).largest!.bytes;
    };
    const alone = plan(methods.replace(', teacher: { from: { method: large } }', ''));
    expect(bytesOf(sweep)).toBeGreaterThan(bytesOf(alone));
  });

  it('of another factor, or without training, is refused', () => {
    const other = plan(methods, ['methods.large.degradation={ kind: bicubic, factor: 2 }']);
    expect(() => checkShapes(other.trials)).toThrow(
      'student: regime.teacher.from.method large: got a teacher of factor 2, 1 channel, wanted factor 4, 1 channel, ' +
        'as its student; name a model of the same factor, channels and planes',
    );
    expect(() => plan(methods, ['methods.large.regime={ kind: interpolation }'])).toThrow(
      'student: regime.teacher: got weights of large, which has none (interpolation)',
    );
    expect(() => plan(methods, ['methods.large=null'])).toThrow(/regime\.teacher\.from\.method: got "large", wanted/);
    expect(() => plan('{ gan: { regime: { kind: adversarial, teacher: { from: { method: large } } } } }')).toThrow(
      /teacher/,
    );
  });

  it('beside weights of a third method is refused, with what to do', () => {
    const three = methods
      .replace('{ regime', '{ init: { from: { method: first } }, regime')
      .replace('large:', 'first: { training: { steps: 5 } }, large:');
    expect(() => plan(three)).toThrow(
      'student: regime.teacher.from.method: got large, beside init.from.method first, wanted one method that is run ' +
        'before; train large first and name its best.safetensors (regime.teacher.from.file)',
    );
  });
});

describe('a file as teacher', () => {
  const methods = '{ student: { regime: { kind: paired, teacher: { from: { file: models/large.safetensors } } } } }';
  const file = () => at('models', 'large.safetensors');
  beforeEach(() => mkdirSync(at('models')));

  it('its content is part of the id, its place is not', () => {
    writeModel(file());
    const sweep = plan(methods);
    checkShapes(sweep.trials);
    const id = idOf(sweep, 'student');
    writeModel(at('other.safetensors'));
    const moved = [`methods.student.regime.teacher.from.file=${at('other.safetensors')}`];
    expect(idOf(plan(methods, moved), 'student')).toBe(id);
    writeModel(file(), { value: 0.25 });
    expect(idOf(plan(methods), 'student')).not.toBe(id);
  });

  it.each([
    [{ factor: 2 }, 'got a teacher of factor 2, 1 channel, wanted factor 4, 1 channel, as its student'],
    [{ planes: 3 }, /got a teacher of factor 4, 1 channel, planes \{.*\}, wanted factor 4, 1 channel, as its student/],
    [{ factor: [1, 4, 4] }, 'got a teacher of factor [1,4,4], 1 channel'],
  ])('%o does another task and is refused', (options, message) => {
    writeModel(file(), options);
    expect(() => checkShapes(plan(methods).trials)).toThrow(message);
  });

  it('that is missing or no model is refused', () => {
    writeModel(file());
    const { trials } = plan(methods);
    writeFileSync(file(), 'no model');
    expect(() => checkShapes(trials)).toThrow('got a file of another kind, wanted a model that Lacuna trained');
    writeTensorFile(file(), { tensors: {}, metadata: { format: 'lacuna-checkpoint-1' } });
    expect(() => checkShapes(trials)).toThrow('got format lacuna-checkpoint-1');
  });
});
