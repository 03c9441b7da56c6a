import { readFileSync } from 'node:fs';
import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { initialVariables, readTensorFile, sizeOf } from '../../src/index.js';
import { engine, hasBf16, newFolder, toyBatches, toyNames, toyRegime, trainToy } from './toy.js';

describe.each(toyNames)('%s', (name) => {
  it('its loss falls; stopped and started again, it ends with the same bytes', async () => {
    // The pixel, cycle or whole loss: an adversarial term has no reason to fall.
    const watched =
      { unpaired: 'loss/cycle', adversarial: 'loss/pixel', light: 'loss/cycle', cut: 'loss/nce' }[
        name.split(/[ ,]/)[0]
      ] ?? 'loss';
    const training = { steps: 30, optimizer: { learningRate: 1e-2, beta1: 0.5 } };
    const losses: number[] = [];
    const whole = newFolder();
    const outcome = await trainToy(name, {
      folder: whole,
      training,
      onValues: (_, values, kind) => {
        if (kind === 'training') losses.push(values[watched]);
      },
    });
    expect(outcome.status).toBe('finished');
    const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
    expect(losses).toHaveLength(30);
    expect(mean(losses.slice(-8))).toBeLessThan(0.9 * mean(losses.slice(0, 5)));

    const broken = newFolder();
    for (const stopAt of [3, 17]) {
      const controller = new AbortController();
      const stopped = await trainToy(name, {
        folder: broken,
        training,
        signal: controller.signal,
        onProgress: ({ step }) => {
          if (step === stopAt) controller.abort();
        },
      });
      expect(stopped).toMatchObject({ status: 'stopped', step: stopAt });
    }
    expect((await trainToy(name, { folder: broken, training })).status).toBe('finished');
    for (const file of ['last', 'best'])
      expect(
        readFileSync(`${broken}/${file}.safetensors`).equals(readFileSync(`${whole}/${file}.safetensors`)),
        file,
      ).toBe(true);
  });
});

// One toy of each regime: a thousand steps of every variant would tell no more.
const held = ['paired', 'adversarial', 'unpaired, known way back', 'geometry', 'geometry, volumes'] as const;
it.each([...held, ...(hasBf16 ? (['paired, bf16'] as const) : [])])(
  '%s holds as many tensors after step 1,000 as after step 10',
  async (name) => {
    const regime = toyRegime(name);
    const executable = await engine().compile(regime.program);
    await executable.write(initialVariables(regime.program.graph, createRng(1)));
    const feeds = {
      ...(await toyBatches(regime)(1)),
      learningRate: Float32Array.of(1e-4),
      beta1Power: Float32Array.of(0.5),
      beta2Power: Float32Array.of(0.9),
    } as Record<string, Float32Array>;
    for (const [mask, shape] of Object.entries(regime.dropout)) feeds[mask] = new Float32Array(sizeOf(shape)).fill(1);
    for (const pool of regime.pools) feeds[pool.to] = new Float32Array(sizeOf(pool.shape)).fill(0.5);
    let afterTen = 0;
    for (let step = 1; step <= 1000; step++) {
      for (const action of regime.actionsAt(step, 1000)) await executable.run(action, feeds);
      if (step === 10) afterTen = executable.liveTensors();
    }
    expect(executable.liveTensors()).toBe(afterTen);
    executable.dispose();
  },
  180_000,
);

it('the model handed over holds the averaged weights of the generator alone', async () => {
  const folder = newFolder();
  // One validation, at the last step: best and last hold the same moment.
  await trainToy('geometry', { folder, training: { steps: 10 } });
  const { tensors } = readTensorFile(`${folder}/best.safetensors`);
  const last = readTensorFile(`${folder}/last.safetensors`).tensors;
  expect(Object.keys(tensors).every((name) => name.startsWith('generator.') && !name.includes('/'))).toBe(true);
  expect(Object.keys(last).some((name) => name.startsWith('heads.'))).toBe(true);
  expect(tensors['generator.feature.weight'].values).toEqual(last['generator.feature.weight/ema'].values);
  expect(tensors['generator.feature.weight'].values).not.toEqual(last['generator.feature.weight'].values);
});
