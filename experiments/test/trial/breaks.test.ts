import { describe, expect, it } from 'vitest';
import { buildRegime, predictSizes } from '@lacuna/models';
import { decidingSettings } from '../../src/sweep/plan/identity.js';
import { trialSpec } from '../../src/sweep/spec/spec.js';
import { requireBreakable } from '../../src/trial/data/breakable.js';
import { patchFields } from '../../src/trial/data/patch-fields.js';
import { SIDE, lines, pairOf, protocolOf } from './fixtures.js';

const spec = (regime: object, breaks?: object) =>
  trialSpec().parse({
    data: { source: 'dentin', width: 64, height: 64 },
    degradation: { kind: 'confocal', factor: 2, photons: 100 },
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1 },
    regime,
    training: breaks === undefined ? {} : { breaks },
  });

describe('training.breaks', () => {
  it('has no part in the ids of trials without', () => {
    expect(JSON.stringify(decidingSettings(spec({ kind: 'paired' })))).not.toContain('breaks');
    expect(spec({ kind: 'paired' }, {}).training.breaks).toEqual({ share: 0.3, length: [1, 4], count: 1 });
  });

  it.each([{ share: 0 }, { share: 1.2 }, { length: [0, 4] }, { length: [1] }, { count: 0 }, { width: 1 }])(
    '%o is refused',
    (breaks) => expect(() => spec({ kind: 'paired' }, breaks)).toThrow(),
  );

  it('is for pairs: unpaired patches have no centreline', () => {
    requireBreakable(spec({ kind: 'geometry' }, {}));
    expect(() => requireBreakable(spec({ kind: 'unpaired' }, {}))).toThrow(
      'training.breaks: got regime unpaired, whose LR patches have no centreline, wanted a regime of pairs',
    );
    // A filter breaks nothing, whatever stands at the top of its spec.
    requireBreakable({ ...spec({ kind: 'linear' }, {}), slicewise: { neighbours: 1 } });
    expect(() => requireBreakable({ ...spec({ kind: 'geometry' }, {}), slicewise: { neighbours: 1 } })).toThrow(
      'training.breaks: got neighbouring planes',
    );
  });

  it('gives patches the centreline of the targets, and what was measured', () => {
    const { segment } = protocolOf({});
    const pair = pairOf(lines(0.9), false);
    const fields = patchFields(pair, ['lr', 'lrWhole', 'skeleton', 'tube'], { from: 'image', segment });
    const [lr, whole, skeleton, tube] = fields.map(({ data }) => data);
    expect(whole).toEqual(lr);
    const count = skeleton.reduce((sum, value) => sum + value, 0);
    expect(count).toBeGreaterThan(2 * SIDE);
    expect(tube.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(2 * count);
  });

  it('leaves the consistency with what was measured, not with what was broken', () => {
    const { model, regime } = spec({ kind: 'geometry' });
    if (regime.kind !== 'geometry') throw new Error(regime.kind);
    const patchesOf = (hasBreaks: boolean, consistency: number) =>
      buildRegime(
        { ...regime, consistency },
        {
          model,
          factor: 2,
          channels: 1,
          batch: 1,
          patch: 8,
          predictSize: predictSizes(model, 2, [8, 8]),
          optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
          ema: null,
          threshold: 0.5,
          forward: { kernel: [0.5, 0.5], offset: 0 },
          hasBreaks,
        },
      ).patches;
    expect(patchesOf(true, 0.1)).toMatchObject({ lr: [1, 8, 8, 1], lrWhole: [1, 8, 8, 1] });
    expect(patchesOf(true, 0)).not.toHaveProperty('lrWhole');
    expect(patchesOf(false, 0.1)).not.toHaveProperty('lrWhole');
  });
});
