import { describe, expect, it } from 'vitest';
import { finalMetrics } from '../../src/tracking/final-metrics.js';
import { resultOf } from '../sweep/fixtures.js';

describe('what a run in MLflow ends with', () => {
  it('are scores at both levels with intervals over its regions, and costs', () => {
    const metrics = finalMetrics(resultOf('a', 0, { common: [0.5, 0.7], own: [0.8, 0.9], validation: 0.4 }));
    expect(metrics).toMatchObject({
      'test/cldice': 0.6,
      'test_low/cldice': 0.5,
      'test_high/cldice': 0.7,
      'test_own_level/cldice': expect.closeTo(0.85, 12) as number,
      'test_own_level_low/cldice': 0.8,
      'test_own_level_high/cldice': 0.9,
      own_level: 0.25,
      'best_validation/cldice': 0.4,
      'cost/train_seconds': 60,
    });
  });

  it('leave out what there is not: intervals of one region, own levels of older results, what others trained', () => {
    const names = Object.keys(finalMetrics(resultOf('foreign', 0, { common: [0.5] })));
    expect(names).toContain('test/cldice');
    for (const part of ['own_level', 'low', 'high', 'train_seconds', 'energy'])
      expect(names.join(' ')).not.toContain(part);
  });
});
