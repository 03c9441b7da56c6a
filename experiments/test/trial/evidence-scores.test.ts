import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { degradationSpec, degrade, enlarge } from '@lacuna/datasets';
import { evaluationSpec } from '@lacuna/iqa';
import { commonScores } from '../../src/sweep/results/shown-scores.js';
import { scoreEvidence, withEvidence, type EvidenceOptions } from '../../src/trial/scores/evidence-scores.js';
import type { Pair } from '../../src/trial/data/pair.js';

const degradation = degradationSpec.parse({ kind: 'confocal', factor: 2, photons: 40, readNoise: 0 });

/** Two bright lines over darkness, pixels of .5 µm. */
function pairOf(): Pair {
  const data = Float32Array.from({ length: 48 * 48 }, (_, i) => {
    const y = Math.floor(i / 48);
    return Math.abs(y - 12) < 2 || Math.abs(y - 34) < 2 ? 0.9 : 0;
  });
  const pixelSize = { x: 0.5, y: 0.5, unit: 'um' } as const;
  const hr = createImage({ data, width: 48, height: 48, dataRange: [0, 1], pixelSize });
  const region = { box: { image: 'a' } } as Pair['region'];
  return { region, hr, lr: degrade(hr, degradation, createRng(1)), forward: (image) => image, truth: null };
}

/** Interpolation, or a method that draws a line across everything. */
const bicubic = (lr: Image) => Promise.resolve(enlarge(lr, 2, 'bicubic'));
const inventor = async (lr: Image) => {
  const image = await bicubic(lr);
  image.data.fill(1, 24 * 48, 25 * 48);
  return image;
};

const optionsOf = (more: Partial<EvidenceOptions>): EvidenceOptions => ({
  names: ['measured_share', 'doubtful_branches', 'invented_from_nothing'],
  degradation,
  enlarge: bicubic,
  readsHead: false,
  level: 0.4,
  smoothing: 1,
  tolerance: 2,
  ...more,
});

describe('evidence as scores of a trial', () => {
  it('of interpolation: bright lines are in both halves, and a blank field stays blank', async () => {
    const pair = pairOf();
    const { values, cases } = await scoreEvidence([pair], [await bicubic(pair.lr)], optionsOf({}));
    expect(values['measured_share']).toBeGreaterThan(0.5);
    expect(values).toMatchObject({ doubtful_branches: 0, invented_from_nothing: 0 });
    expect(cases).toEqual([{ name: 'a', values }]);
  });
  it('of a method that invents: the length of what it draws on a blank field', async () => {
    const pair = pairOf();
    const options = optionsOf({ enlarge: inventor, names: ['invented_from_nothing'], smoothing: 0 });
    const { values } = await scoreEvidence([pair], [await inventor(pair.lr)], options);
    // 47 steps of .5 µm in 24 x 24 µm.
    expect(values['invented_from_nothing']).toBeCloseTo((23.5 / 24 / 24) * 1000, 6);
  });
  it('have none, with the reason, where the degradation is not known or nothing is drawn', async () => {
    const pair = pairOf();
    const estimate = await bicubic(pair.lr);
    const unknown = await scoreEvidence([pair], [estimate], optionsOf({ degradation: null }));
    expect(unknown.values['measured_share']).toBeNull();
    expect(unknown.undefinedBecause['doubtful_branches']).toBe('a: how the scans were made is not known');
    const empty = await scoreEvidence([pair], [estimate], optionsOf({ level: 2 }));
    expect(empty.undefinedBecause).toMatchObject({ measured_share: 'a: no network, or nothing else, in the estimate' });
  });
  it('stand beside the metrics, and are shown where a spec asks for them', () => {
    const scores = {
      values: { psnr: 30 },
      undefinedBecause: {},
      protocol: 'p',
      cases: [{ name: 'a', values: { psnr: 30 } }],
    };
    const evidence = {
      values: { measured_share: 0.5 },
      undefinedBecause: {},
      cases: [{ name: 'a', values: { measured_share: 0.5 } }],
    };
    expect(withEvidence(scores, evidence)).toEqual({
      values: { psnr: 30, measured_share: 0.5 },
      undefinedBecause: {},
      protocol: 'p',
      cases: [{ name: 'a', values: { psnr: 30, measured_share: 0.5 } }],
    });
    const evaluation = { ...evaluationSpec.parse({ metrics: ['psnr'] }), evidence: ['measured_share'] as const };
    expect(commonScores(evaluation).map(({ metric }) => metric)).toEqual(['psnr', 'measured_share']);
    expect(commonScores(evaluationSpec.parse({ metrics: ['psnr'] }))).toHaveLength(1);
  });
});
