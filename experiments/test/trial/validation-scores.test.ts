import { describe, expect, it } from 'vitest';
import { betterIs } from '../../src/upscale/better.js';
import { requireSelectable, scoreValidation, whileTraining } from '../../src/trial/scores/validation-scores.js';
import { lines, pairOf, protocolOf } from './fixtures.js';

const pairs = [pairOf(lines(0.9), true)];
// Dimmer than the common level: nothing of the network is there at it.
const dim = [lines(0.4)];
const protocol = protocolOf({ metrics: ['cldice'] });
const choosing = (metric: string) => ({ select: { metric, better: 'higher' as const } });
const scores = (metric: string) => scoreValidation(pairs, dim, { protocol, training: choosing(metric) }).values;

describe('scores by which models are chosen', () => {
  it('are those of the evaluation where they hold it', () => {
    expect(scores('cldice')).toEqual({ cldice: 0 });
  });

  it('may be measured for this alone, and need no common level', () => {
    expect(scores('recall_area')).toEqual({ cldice: 0, recall_area: 1 });
    expect(scores('cldice_own_level')).toEqual({ cldice: 0, cldice_own_level: 1 });
    expect(scores('betti0_error')).toEqual({ cldice: 0, betti0_error: 3 });
  });

  it('say why there is none', () => {
    const empty = [pairOf(lines(0.2), false)];
    const found = scoreValidation(empty, dim, { protocol, training: choosing('cldice_own_level') });
    expect(found.values['cldice_own_level']).toBeNull();
    expect(found.undefinedBecause['cldice_own_level']).toMatch(/no network/);
  });

  it('that nothing measures are refused before anything runs', () => {
    const refused = () =>
      requireSelectable({ training: choosing('recal_area') } as Parameters<typeof requireSelectable>[0]);
    expect(refused).toThrow(/training.select.metric: got "recal_area".*did you mean recall_area\?/);
  });

  it('while training leave out what looks at all levels, unless models are chosen by it', () => {
    const all = protocolOf({ metrics: ['psnr', 'recall_area', 'cldice', 'recall_at_invention_10'] });
    const quick = whileTraining(all);
    const measured = (metric: string) =>
      Object.keys(scoreValidation(pairs, dim, { protocol: quick, training: choosing(metric) }).values);
    expect(measured('cldice')).toEqual(['psnr', 'cldice']);
    expect(measured('recall_area')).toEqual(['psnr', 'cldice', 'recall_area']);
  });

  it('know which way is better', () => {
    expect(['cldice_own_level', 'recall_area', 'betti0_error'].map(betterIs)).toEqual(['higher', 'higher', 'lower']);
  });
});
