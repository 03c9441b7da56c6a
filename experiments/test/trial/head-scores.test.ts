import { describe, expect, it } from 'vitest';
import { FROM_HEAD, headsRead, scoreAsRead } from '../../src/trial/scores/head-scores.js';
import { scoreRegions } from '../../src/trial/scores/scores.js';
import { scoreValidation } from '../../src/trial/scores/validation-scores.js';
import { lines, pairOf, protocolOf } from './fixtures.js';

describe.each([
  ['a known network', true],
  ["the HR image's network", false],
])('networks read from a head, against %s', (_, isKnown) => {
  const metrics = ['psnr', 'cldice', 'recall_at_invention_10'] as const;
  const image = protocolOf({ metrics: [...metrics] });
  const head = { ...image, evaluation: { ...image.evaluation, network: 'head' as const } };
  const pairs = [pairOf(lines(0.9), isKnown)];
  // The image lost the network at the common level; the head has it.
  const estimates = [{ ...lines(0.4), network: lines(0.8) }];

  it('are scored by the head, pixels by the image, and the protocol says so', () => {
    const [ofImage, ofHead] = [image, head].map((protocol) => scoreAsRead(pairs, estimates, protocol));
    expect(ofImage).toEqual(scoreRegions(pairs, estimates, image));
    expect(ofImage.values['cldice']).toBe(0);
    expect(ofHead.values['cldice']).toBe(1);
    expect(ofHead.values['recall_at_invention_10']).toBe(1);
    expect(ofHead.values['psnr']).toBe(ofImage.values['psnr']);
    expect(ofHead.protocol).toBe(`${ofImage.protocol}, ${FROM_HEAD}`);
    expect(ofHead.cases![0].values).toEqual(ofHead.values);
    expect(ofHead.recallCurve).toHaveLength(31);
    const select = { metric: 'cldice', better: 'higher' } as const;
    const validation = scoreValidation(pairs, estimates, { protocol: head, training: { select } });
    expect(validation.values['cldice']).toBe(1);
  });

  it('are those of the image where a method has no head', () => {
    const plain = [lines(0.4)];
    expect(headsRead(plain, head)).toBeNull();
    expect(scoreAsRead(pairs, plain, head)).toEqual(scoreRegions(pairs, plain, image));
  });
});
