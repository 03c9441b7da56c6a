import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { buildRegime, initialVariables, regimeSpec, type TrainedRegimeSpec } from '../../src/index.js';
import { engine, newFolder, toyBatches, toyContext, toyRegime, trainToy } from './toy.js';

const geometry = (options: object) => regimeSpec.parse({ kind: 'geometry', ...options }) as TrainedRegimeSpec;

describe('terms of some steps', () => {
  it('are part of every so many-th step behind a share of them, and of no other', async () => {
    const steps: Record<string, number[]> = { 'loss/soft_cldice': [], 'loss/topology': [], 'loss/dice': [] };
    await trainToy('geometry at times', {
      folder: newFolder(),
      training: { steps: 12, validateEvery: 1000, checkpointEvery: 1000 },
      onValues(step, values) {
        for (const [name, list] of Object.entries(steps)) if (name in values) list.push(step);
      },
    });
    expect(steps).toEqual({
      'loss/soft_cldice': [4, 6, 8, 10, 12],
      'loss/topology': [3, 6, 9, 12],
      'loss/dice': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    });
  });

  it('leave the other steps as they are without them: the same ops, and nothing is asked of the network before', () => {
    const regime = toyRegime('geometry at times');
    const plain = buildRegime(geometry({}), toyContext);
    expect(regime.actionsAt(1, 12)).toEqual(['step']);
    expect(regime.actionsAt(6, 12)).toEqual(['probability', 'step.soft_cldice.topology']);
    const inputsOf = ({ program }: typeof regime) => Object.keys(program.actions['step'].inputs).sort();
    expect(inputsOf(regime)).toEqual(inputsOf(plain));
    expect(Object.keys(regime.patches)).not.toContain('critical');
  });

  it('are given the weights that are made of what the network thinks of this very batch', async () => {
    const seen: Float32Array[] = [];
    const regime = buildRegime(geometry({ topology: 1, topologyEvery: 1, topologyFrom: 0 }), {
      ...toyContext,
      criticalWeights(probability, mask, shape) {
        expect(shape).toEqual([2, 16, 16, 1]);
        expect(mask).toHaveLength(probability.length);
        seen.push(probability);
        return probability.map(() => 1 / probability.length);
      },
    });
    const executable = await engine().compile(regime.program);
    await executable.write(initialVariables(regime.program.graph, createRng(1)));
    const feeds: Record<string, Float32Array> = {
      ...(await toyBatches(regime)(1)),
      learningRate: Float32Array.of(0),
      beta1Power: Float32Array.of(0.5),
      beta2Power: Float32Array.of(0.9),
    };
    const { probability } = await executable.run('probability', feeds);
    const [made] = regime.made;
    const { 'loss/topology': loss } = await executable.run('step.topology', {
      ...feeds,
      [made.to]: made.make(probability, feeds),
    });
    executable.dispose();
    const wanted = probability.reduce((sum, p, i) => sum + Math.abs(p - feeds['mask'][i]), 0) / probability.length;
    expect(seen).toHaveLength(1);
    expect(loss[0]).toBeCloseTo(wanted, 5);
  });

  it('of topological errors are refused where nobody labels them', () => {
    expect(() => buildRegime(geometry({ topology: 0.1 }), toyContext)).toThrow(
      'regime geometry: topology: got a context without criticalWeights',
    );
  });
});

it.each([
  ['softClDiceFrom', 1],
  ['softClDiceEvery', 0],
  ['topologyFrom', -0.1],
  ['topologyEvery', 1.5],
  ['topology', -1],
])('%s: %s is refused', (name, value) => {
  expect(regimeSpec.safeParse({ kind: 'geometry', [name]: value }).success).toBe(false);
});

it('fields that are left out stay out, so that earlier trials keep their ids', () => {
  const names = Object.keys(geometry({}));
  expect(names.filter((name) => name.startsWith('topology') || /softClDice(From|Every|Erosion)/.test(name))).toEqual(
    [],
  );
});
