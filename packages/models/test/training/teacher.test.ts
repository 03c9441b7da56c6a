import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  buildRegime,
  createProgram,
  gradients,
  initialVariables,
  loadModel,
  readTensorFile,
  regimeSpec,
  type RegimeContext,
  type TrainedRegimeSpec,
} from '../../src/index.js';
import { taughtNetworkLoss, termInputs } from '../../src/regimes/geometry-terms.js';
import { hrInput, lrInput } from '../../src/regimes/regime.js';
import { engine, newFolder, toyBatches, toyContext, toyRegime, trainToy } from './toy.js';

const { model } = toyContext;
const context: RegimeContext = { ...toyContext, teacher: { model, networkHead: false } };
const taught = (kind: 'paired' | 'geometry', options: object) =>
  regimeSpec.parse({ kind, teacher: { from: { method: 'large' }, ...options } }) as TrainedRegimeSpec;

/** One step at a learning rate of 0: what it fetched, and what went in. */
async function fetchedBy(regime: ReturnType<typeof buildRegime>, weights: Record<string, Float32Array>) {
  const executable = await engine().compile(regime.program);
  const feeds = {
    ...(await toyBatches(regime)(1)),
    learningRate: Float32Array.of(0),
    beta1Power: Float32Array.of(0.5),
    beta2Power: Float32Array.of(0.9),
  } as Record<string, Float32Array>;
  await executable.write({ ...initialVariables(regime.program.graph, createRng(1)), ...weights });
  const values = await executable.run('step', feeds);
  const predict = async (lr: Float32Array) => (await executable.run('predict', { lr }))['sr'];
  const sr = [await predict(feeds['lr'].slice(0, 64)), await predict(feeds['lr'].slice(64))];
  executable.dispose();
  return { values, feeds, sr };
}

describe('a teacher', () => {
  it('shares the pixel loss with the truth: its image is what its own model gives', async () => {
    const folder = newFolder();
    await trainToy('paired', { folder, training: { steps: 5 } });
    const path = `${folder}/best.safetensors`;
    const { tensors } = readTensorFile(path);
    const weights = Object.fromEntries(
      Object.entries(tensors).map(([name, { values }]) => [name.replace('generator', 'teacher'), values]),
    );
    const { values, feeds, sr } = await fetchedBy(buildRegime(taught('paired', { share: 0.3 }), context), weights);
    const large = await loadModel(path, { engine: engine() });
    let distance = 0;
    for (const [i, own] of sr.entries()) {
      const lr = { width: 8, height: 8, channels: 1, data: feeds['lr'].slice(64 * i, 64 * (i + 1)) };
      const { data } = await large.predict(lr);
      own.forEach((value, j) => (distance += Math.abs(value - data[j]) / (2 * own.length)));
    }
    large.dispose();
    expect(distance).toBeGreaterThan(1e-3);
    expect(values['loss/teacher'][0]).toBeCloseTo(distance, 6);
    expect(values['loss'][0]).toBeCloseTo(0.7 * values['loss/pixel'][0] + 0.3 * distance, 6);
  });

  it('with a share of 1 needs no HR patches: scans without a truth will do', () => {
    expect(Object.keys(buildRegime(taught('paired', { share: 1 }), context).patches)).toEqual(['lr']);
    expect(Object.keys(buildRegime(taught('paired', {}), context).patches).sort()).toEqual(['hr', 'lr']);
  });

  it('sees whole branches where those of the student are broken', () => {
    const { patches } = buildRegime(taught('paired', {}), { ...context, hasBreaks: true });
    expect(Object.keys(patches).sort()).toEqual(['hr', 'lr', 'lrWhole']);
  });

  it('changes what a student becomes and stays what it was', async () => {
    const [alone, student] = [newFolder(), newFolder()];
    const training = { steps: 10 };
    await trainToy('paired', { folder: alone, training });
    await trainToy('paired, a teacher', { folder: student, training });
    const last = readTensorFile(`${student}/last.safetensors`).tensors;
    const name = 'generator.feature.weight';
    expect(last[name].values).not.toEqual(readTensorFile(`${alone}/last.safetensors`).tensors[name].values);
    const early = newFolder();
    await trainToy('paired, a teacher', { folder: early, training: { steps: 1 } });
    const before = readTensorFile(`${early}/last.safetensors`).tensors;
    const teachers = Object.keys(last).filter((each) => each.startsWith('teacher.'));
    expect(teachers.length).toBeGreaterThan(0);
    for (const each of teachers) expect(last[each].values, each).toEqual(before[each].values);
    const handedOver = Object.keys(readTensorFile(`${student}/best.safetensors`).tensors);
    expect(handedOver.filter((each) => !each.startsWith('generator.'))).toEqual([]);
  });

  it('whose weights are missing or of another model is refused', async () => {
    const training = { steps: 1 };
    await expect(trainToy('paired, a teacher', { folder: newFolder(), training, teacher: undefined })).rejects.toThrow(
      'regime.teacher: got no tensor generator.',
    );
    const toy = newFolder();
    await trainToy('paired', { folder: toy, training });
    const { tensors } = readTensorFile(`${toy}/best.safetensors`);
    await expect(
      trainToy('paired, a teacher', { folder: newFolder(), training, teacher: { who: 'large.safetensors', tensors } }),
    ).rejects.toThrow(/^large\.safetensors: got (no )?tensor generator\./);
    expect(() => buildRegime(taught('paired', {}), { ...context, teacher: null })).toThrow(
      'regime.teacher: got a context without a teacher',
    );
  });

  it('that teaches nothing is refused by the spec', () => {
    const parse = (kind: string, options: object) =>
      regimeSpec.safeParse({ kind, teacher: { from: { method: 'large' }, ...options } }).success;
    expect(parse('paired', { share: 0 })).toBe(false);
    expect(parse('geometry', { share: 0, network: 0 })).toBe(false);
    expect(parse('geometry', { share: 0 })).toBe(true);
    expect(parse('paired', { network: 0.1 })).toBe(false);
    expect(regimeSpec.parse({ kind: 'paired' })).not.toHaveProperty('teacher');
  });
});

describe("the teacher's network", () => {
  const temperature = 0.2;
  const size = [1, 3, 4, 1];
  const rng = createRng(9);
  const noise = () => Float32Array.from({ length: 12 }, () => rng.uniform());

  async function lossAt(sr: Float32Array, teacherSr: Float32Array) {
    const g = new Graph();
    const small: RegimeContext = { ...context, batch: 1, patch: [3, 4], factor: 1 };
    const hr = hrInput(g, 'hr', small);
    const [own, other] = [g.input('sr', size), g.input('teacherSr', size)];
    const images = { lr: lrInput(g, small), sr: own, hr, features: own, featureFactor: [1, 1], network: null };
    const inputs = termInputs(g, small, images, temperature);
    const loss = taughtNetworkLoss(inputs, { answer: { sr: other, network: null }, temperature });
    const [gradient] = gradients(g, loss, [own]);
    const executable = await engine().compile(
      createProgram(g, { value: { fetches: { loss, gradient }, updates: [] } }),
    );
    const values = await executable.run('value', { sr, teacherSr });
    executable.dispose();
    return { loss: values['loss'][0], gradient: values['gradient'] };
  }

  it("pulls each pixel's log odds to the teacher's: (p - q) / (n T)", async () => {
    const [sr, teacherSr] = [noise(), noise()];
    const odds = (value: number) => 1 / (1 + Math.exp(-(value - 0.5) / temperature));
    const { gradient } = await lossAt(sr, teacherSr);
    gradient.forEach((value, i) =>
      expect(value).toBeCloseTo((odds(sr[i]) - odds(teacherSr[i])) / (12 * temperature), 6),
    );
    // The same by differences, which know nothing of the formula.
    const step = 1e-2;
    const moved = (by: number) =>
      lossAt(
        sr.map((value, i) => (i === 5 ? value + by : value)),
        teacherSr,
      );
    const [up, down] = [await moved(step), await moved(-step)];
    expect((up.loss - down.loss) / (2 * step)).toBeCloseTo(gradient[5], 4);
  });

  it('is least where student and teacher agree', async () => {
    const teacherSr = noise();
    const { loss, gradient } = await lossAt(teacherSr, teacherSr);
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-7);
    expect(loss).toBeLessThan((await lossAt(noise(), teacherSr)).loss);
  });

  it('is that of its head where it has one, and teaches the head of the student too', async () => {
    const regime = toyRegime('geometry, volumes, a teacher');
    expect(Object.keys(regime.program.actions['step'].fetches)).toEqual(
      expect.arrayContaining(['loss/pixel', 'loss/teacher', 'loss/teacher_network', 'loss/network_head']),
    );
    const weights = [...regime.program.graph.variables.keys()];
    expect(weights.some((name) => name.startsWith('teacher.network.'))).toBe(true);
  });
});
