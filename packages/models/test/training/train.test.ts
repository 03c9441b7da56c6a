import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  CheckpointStore,
  Divergence,
  LossAlarms,
  checkOutput,
  learningRateAt,
  loadModel,
  readTensorFile,
  trainingSpec,
  writeTensorFile,
} from '../../src/index.js';
import { engine, newFolder, toyBatches, toyRegime, trainToy } from './toy.js';

const bytes = (folder: string, file: string) => readFileSync(`${folder}/${file}.safetensors`);

it('killed by the system and started again, it ends with the same bytes', () => {
  const script = fileURLToPath(new URL('./kill-victim.mjs', import.meta.url));
  const run = (folder: string, killAt: number) =>
    spawnSync(process.execPath, [script, folder, String(killAt)], { encoding: 'utf8' });
  const whole = newFolder();
  const broken = newFolder();
  expect(run(whole, 0).stdout.trim()).toBe('finished');
  for (const killAt of [2, 8]) expect(run(broken, killAt).signal).toBe('SIGKILL');
  expect(run(broken, 0).stdout.trim()).toBe('finished');
  for (const file of ['last', 'best']) expect(bytes(broken, file).equals(bytes(whole, file)), file).toBe(true);
});

describe('a damaged checkpoint', () => {
  const tensors = (value: number) => ({ w: { shape: [2], values: Float32Array.of(value, value) } });
  const state = (step: number) => ({
    step,
    bestScore: null,
    bestStep: null,
    validationsWithoutBetter: 0,
    pooled: [],
    alarms: {},
  });
  const saved = () => {
    const store = new CheckpointStore(newFolder());
    store.saveLast(tensors(1), state(1));
    store.saveLast(tensors(2), state(2));
    return store;
  };

  it('whole, the last one counts', () =>
    expect(saved().loadLast()).toMatchObject({ state: { step: 2 }, tensors: tensors(2) }));

  it.each([
    ['cut', (path: string) => truncateSync(path, readFileSync(path).length - 3)],
    ['empty', (path: string) => writeFileSync(path, '')],
    [
      'of one changed byte',
      (path: string) => {
        const all = readFileSync(path);
        all[all.length - 1] ^= 1;
        writeFileSync(path, all);
      },
    ],
  ])('%s, gives way to the one before', (_, damage) => {
    const store = saved();
    damage(store.lastPath);
    const told: string[] = [];
    expect(store.loadLast((reason) => told.push(reason))).toMatchObject({ state: { step: 1 }, tensors: tensors(1) });
    expect(told).toEqual([expect.stringContaining(`${store.lastPath}: got `)]);
  });

  it('never takes the place of the one before it', () => {
    const store = saved();
    writeFileSync(store.lastPath, 'no checkpoint');
    store.loadLast();
    store.saveLast(tensors(3), state(3));
    writeFileSync(store.lastPath, '');
    expect(store.loadLast()).toMatchObject({ state: { step: 1 } });
  });

  it('both damaged: training begins at step 0 and says so, and ends the same', async () => {
    const whole = newFolder();
    const broken = newFolder();
    const told: unknown[] = [];
    const training = { steps: 6, checkpointEvery: 2 };
    await trainToy('paired', { folder: whole, training });
    cpSync(whole, broken, { recursive: true });
    for (const name of ['last', 'previous']) truncateSync(`${broken}/${name}.safetensors`, 100);
    await trainToy('paired', { folder: broken, training, onDamagedCheckpoint: (found) => told.push(found) });
    expect(told).toEqual([
      {
        from: 0,
        damaged: ['last', 'previous'].map((name): unknown =>
          expect.stringMatching(
            new RegExp(`${name}\\.safetensors: got .*, wanted a whole safetensors file of float32 arrays$`),
          ),
        ),
      },
    ]);
    expect(bytes(broken, 'last').equals(bytes(whole, 'last'))).toBe(true);
  });

  it('a trial goes on from the one before and ends the same', async () => {
    const whole = newFolder();
    const broken = newFolder();
    await trainToy('paired', { folder: whole, training: { steps: 12, checkpointEvery: 3 } });
    const controller = new AbortController();
    await trainToy('paired', {
      folder: broken,
      training: { steps: 12, checkpointEvery: 3 },
      signal: controller.signal,
      onProgress: ({ step }) => {
        if (step === 8) controller.abort();
      },
    });
    truncateSync(`${broken}/last.safetensors`, 100);
    await trainToy('paired', { folder: broken, training: { steps: 12, checkpointEvery: 3 } });
    expect(bytes(broken, 'last').equals(bytes(whole, 'last'))).toBe(true);
  });

  it('leaves no partial file', () =>
    expect(readdirSync(saved().folder).sort()).toEqual(['last.safetensors', 'previous.safetensors']));

  it('says what is wrong with a file', () => {
    const path = `${newFolder()}/x.safetensors`;
    writeTensorFile(path, { tensors: tensors(1), metadata: { a: 'b' } });
    expect(readTensorFile(path)).toMatchObject({ tensors: tensors(1), metadata: { a: 'b' } });
    truncateSync(path, 4);
    expect(() => readTensorFile(path)).toThrow('got 4 bytes, wanted a whole safetensors file of float32 arrays');
  });
});

describe('pruning', () => {
  it('ends a trial at a validation, at a checkpoint to go on from; the last step is not asked', async () => {
    const whole = newFolder();
    const pruned = newFolder();
    const training = { steps: 12, validateEvery: 4, checkpointEvery: 12 };
    const asked: number[] = [];
    const judge = (step: number): Promise<string | null> => {
      asked.push(step);
      return Promise.resolve(null);
    };
    expect(await trainToy('paired', { folder: whole, training, judge })).toMatchObject({
      status: 'finished',
      step: 12,
    });
    expect(asked).toEqual([4, 8]);
    const outcome = await trainToy('paired', {
      folder: pruned,
      training,
      judge: (step) => Promise.resolve(step === 8 ? 'others are better' : null),
    });
    expect(outcome).toMatchObject({ status: 'pruned', reason: 'others are better', step: 8 });
    await trainToy('paired', { folder: pruned, training });
    expect(bytes(pruned, 'last').equals(bytes(whole, 'last'))).toBe(true);
  });
});

describe('alarms', () => {
  it('a step that gives NaN ends the trial as diverged, with the reason', async () => {
    const regime = toyRegime('paired');
    const batches = toyBatches(regime);
    const poisoned = async (step: number) => {
      const feeds = await batches(step);
      if (step === 4) feeds['lr'][0] = NaN;
      return feeds;
    };
    const outcome = await trainToy('paired', { folder: newFolder(), regime, batches: poisoned });
    expect(outcome).toMatchObject({ status: 'diverged', bestStep: null });
    // Which of the fetched numbers is named first is the back end's order.
    expect(outcome.reason).toMatch(/^(loss|gradient_norm\/generator) is NaN at step 4$/);
  });

  it('an alarm of validation ends the trial too', async () => {
    const outcome = await trainToy('paired', {
      folder: newFolder(),
      validate: async (_, step) => {
        checkOutput(step, new Float32Array(4).fill(0.5), Float32Array.of(0, 1, 0, 1));
        return {};
      },
    });
    expect(outcome).toMatchObject({ status: 'diverged', step: 10 });
    expect(outcome.reason).toBe('flat output: standard deviation 0.00e+0 at step 10, 5.00e-1 in the LR image');
  });

  it('inverted contrast, and the same contrast', () => {
    expect(() => checkOutput(3, Float32Array.of(1, 0, 1, 0), Float32Array.of(0, 1, 0, 1))).toThrow(
      'inverted contrast: correlation -1.00 with the LR image at step 3',
    );
    expect(() => checkOutput(3, Float32Array.of(0, 1, 0, 1), Float32Array.of(0.1, 0.9, 0.1, 0.9))).not.toThrow();
    expect(() => checkOutput(3, Float32Array.of(0, Infinity), Float32Array.of(0, 1))).toThrow(Divergence);
  });

  it('a discriminator that has won for 200 steps in a row, counted across a restart', () => {
    const first = new LossAlarms(['d']);
    for (let step = 1; step <= 150; step++) first.check(step, { d: 1e-4 });
    const second = new LossAlarms(['d'], first.counts);
    for (let step = 151; step < 200; step++) second.check(step, { d: 1e-4 });
    expect(() => second.check(200, { d: 1e-4 })).toThrow(
      'discriminator collapse: d stayed below 0.001 for 200 steps, until step 200',
    );
    const recovered = new LossAlarms(['d'], { d: 199 });
    recovered.check(200, { d: 0.5 });
    expect(recovered.counts).toEqual({ d: 0 });
  });
});

it('early stopping ends a trial, and a restart leaves it ended', async () => {
  const folder = newFolder();
  const options = { folder, training: { steps: 30, validateEvery: 2, earlyStopping: { patience: 2 } } };
  const first = await trainToy('paired', options);
  expect(first).toMatchObject({ status: 'finished', step: 6, bestStep: 2 });
  const before = bytes(folder, 'last');
  expect(await trainToy('paired', options)).toMatchObject({ status: 'finished', step: 6, bestStep: 2 });
  expect(bytes(folder, 'last').equals(before)).toBe(true);
});

it('asks for the patches of a step while the one before runs, each once', async () => {
  const regime = toyRegime('paired');
  const batches = toyBatches(regime);
  const events: string[] = [];
  await trainToy('paired', {
    folder: newFolder(),
    regime,
    training: { steps: 3 },
    batches: (step) => {
      events.push(`ask ${step}`);
      return batches(step);
    },
    onProgress: ({ step }) => events.push(`done ${step}`),
  });
  expect(events).toEqual(['ask 1', 'ask 2', 'done 1', 'ask 3', 'done 2', 'done 3']);
});

it('a loaded model predicts as the trained one did', async () => {
  const folder = newFolder();
  const lr = Float32Array.from({ length: 64 }, (_, i) => (i % 7) / 7);
  let last = new Float32Array(0);
  await trainToy('paired', {
    folder,
    training: { steps: 4, validateEvery: 4 },
    validate: async (executable) => {
      last = (await executable.run('predict', { lr }))['sr'].slice();
      return { psnr: 1 };
    },
  });
  const model = await loadModel(`${folder}/best.safetensors`, { engine: engine() });
  expect((await model.predict({ data: lr, width: 8, height: 8, channels: 1 })).data).toEqual(last);
  model.dispose();
  await expect(loadModel(`${folder}/last.safetensors`, { engine: engine() })).rejects.toThrow(
    'got format lacuna-checkpoint-1, wanted a model that Lacuna trained (best.safetensors)',
  );
});

describe('learning rate', () => {
  const rate = (step: number, schedule: unknown, steps = 100) =>
    learningRateAt(step, trainingSpec.parse({ steps, optimizer: { learningRate: 1 }, schedule }));
  it('warms up in equal steps', () =>
    expect([1, 2, 3, 4].map((step) => rate(step, { kind: 'constant', warmup: 3 }))).toEqual([0.25, 0.5, 0.75, 1]));
  it('cosine: half way down it is half', () => expect(rate(51, { kind: 'cosine', final: 0 })).toBeCloseTo(0.5, 12));
  it('step: halves every ten', () =>
    expect([10, 11, 21].map((step) => rate(step, { kind: 'step', every: 10 }))).toEqual([1, 0.5, 0.25]));
  it('linear: level for half of the steps, then to zero', () => {
    [
      [50, 1],
      [51, 1],
      [76, 0.5],
      [100, 0.02],
    ].forEach(([step, wanted]) => expect(rate(step, { kind: 'linear' })).toBeCloseTo(wanted, 12));
  });
});
