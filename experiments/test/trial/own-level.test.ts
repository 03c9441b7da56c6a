import { describe, expect, it } from 'vitest';
import { findOwnLevel, levelMetrics, scoreAtOwnLevel } from '../../src/trial/scores/own-level.js';
import { scoreRegions, shownMetrics } from '../../src/trial/scores/scores.js';
import { lines, pairOf, protocolOf, SIDE } from './fixtures.js';

describe.each([
  ['a known network', true],
  ["the HR image's network", false],
])('against %s', (_, isKnown) => {
  const protocol = protocolOf({});
  const pairs = [pairOf(lines(0.9), isKnown)];
  // Dimmer than the common level everywhere, though nothing of the network is lost.
  const dim = [lines(0.4)];

  it('a dim image has its own level, at which nothing of the network is missing', () => {
    expect(scoreRegions(pairs, dim, protocol).values['cldice']).toBe(0);
    const own = findOwnLevel(pairs, dim, protocol);
    expect(own).toMatchObject({ clDice: 1 });
    expect(own.level).toBeGreaterThan(0.04);
    expect(own.level).toBeLessThan(0.4);
    const scores = scoreAtOwnLevel(pairs, dim, own, protocol)!;
    expect(scores.values).toEqual({ cldice: 1 });
    expect(scores.cases).toEqual([{ name: 'a', values: { cldice: 1 } }]);
    expect(scores.protocol).toBe(`${scoreRegions(pairs, dim, protocol).protocol} at own level`);
  });

  it('at the common level the scores are those of scoreRegions', () => {
    const half = [lines(0.6)];
    const common = scoreRegions(pairs, half, protocol);
    const { values } = scoreAtOwnLevel(pairs, half, { level: 0.5, clDice: 1 }, protocol)!;
    expect(values['cldice']).toBe(common.values['cldice']);
  });

  it('leaves the border out of level and scores', () => {
    const bordered = protocolOf({ border: 6, smoothing: 1 });
    const spoilt = { ...lines(0.4), data: lines(0.4).data.map((v, i) => (i % SIDE < 6 ? 1 : v)) };
    const own = findOwnLevel(pairs, [spoilt], bordered);
    expect(own).toEqual(findOwnLevel(pairs, dim, bordered));
    expect(scoreAtOwnLevel(pairs, [spoilt], own, bordered)!.values['cldice']).toBe(1);
    expect(findOwnLevel(pairs, [spoilt], protocolOf({ smoothing: 1 }))).not.toEqual(own);
  });
});

it('a volume is cut and thinned as one', () => {
  const protocol = protocolOf({ metrics: ['psnr', 'cldice', 'branch_length_distance'] });
  const pairs = [pairOf(lines(0.9, 6), true)];
  const own = findOwnLevel(pairs, [lines(0.4, 6)], protocol);
  expect(scoreAtOwnLevel(pairs, [lines(0.4, 6)], own, protocol)!.values['cldice']).toBe(1);
  // Lengths of volumes need the size of a voxel, which is in the protocol's id; those of planes stay in px.
  const [volume, plane] = [6, 1].map((depth) => {
    const known = [pairOf(lines(0.9, depth), true)];
    const unsized = known.map((pair) => ({ ...pair, hr: { ...pair.hr, pixelSize: null } }));
    return [known, unsized].map((list) => scoreRegions(list, [lines(0.4, depth)], protocol).protocol);
  });
  expect(volume[0]).not.toBe(volume[1]);
  expect(plane[0]).toBe(plane[1]);
});

it('keeps recall over invented shares where such a metric is measured, as the metrics have it', () => {
  const metrics = ['recall_at_invention_05', 'recall_at_invention_20', 'recall_area'] as const;
  const protocol = protocolOf({ metrics: [...metrics] });
  // Half of the lines are dim, and something bright is not there at all.
  const spoilt = { ...lines(0.4), data: lines(0.4).data.map((v, i) => (i % SIDE < 20 ? v / 2 : v)) };
  for (let x = 0; x < 8; x++) spoilt.data[x] = 0.3;
  const { recallCurve, values } = scoreRegions([pairOf(lines(0.9), true)], [spoilt], protocol);
  expect(recallCurve).toHaveLength(31);
  expect(recallCurve![5]).toBe(values['recall_at_invention_05']);
  expect(recallCurve![20]).toBe(values['recall_at_invention_20']);
  expect(recallCurve![20]).toBeGreaterThan(recallCurve![0]);
  expect(scoreRegions([pairOf(lines(0.9), true)], [spoilt], protocolOf({ metrics: ['cldice'] }))).not.toHaveProperty(
    'recallCurve',
  );
});

it('says the unit of the lengths of volumes, and nothing of planes, which are in px', () => {
  const protocol = protocolOf({ metrics: ['branch_length_distance', 'connectivity_density'] });
  const unitsOf = (depth: number) => {
    const scores = scoreRegions([pairOf(lines(0.9, depth), true)], [lines(0.9, depth)], protocol);
    return shownMetrics(protocol.evaluation, scores.volume).map(({ unit }) => unit);
  };
  expect(unitsOf(1)).toEqual(['px', '1/px²']);
  expect(unitsOf(6)).toEqual(['um', '1/um³']);
});

it('without a network there is no own level, and the reason is said', () => {
  const protocol = protocolOf({});
  const own = findOwnLevel([pairOf(lines(0.2), false)], [lines(0.2)], protocol);
  expect(own).toEqual({ level: null, reason: 'no network in any region of the validation split' });
  expect(scoreAtOwnLevel([pairOf(lines(0.9), true)], [lines(0.4)], own, protocol)).toBeNull();
});

it('metrics of pixels, and those over all levels, do not change with the level', () => {
  const metrics = ['psnr', 'cldice', 'recall_area', 'recall_at_invention_05', 'betti0_error'] as const;
  expect(levelMetrics({ metrics: [...metrics] })).toEqual(['cldice', 'betti0_error']);
});
