import { describe, expect, it } from 'vitest';
import type { Link } from '../src/index.js';
import { loadText, messageOf } from './spec.js';

// The number of steps says here what a trial goes on from: any field will do.
const links = (map: Readonly<Record<number, string>>) => ({
  after: ({ training: { steps } }: { readonly training: { readonly steps: number } }): Link | null =>
    map[steps] === undefined ? null : { method: map[steps], path: ['training', 'steps'] },
});
const text = (rest = '') => `name: a
model: { name: fsrcnn }
methods: { fine: { training: { steps: 1 } }, other: { training: { steps: 2 } }, first: { training: { steps: 3 } } }
${rest}`;
const plan = (map: Readonly<Record<number, string>>, rest = '', only?: readonly string[]) =>
  loadText(text(rest), { ...links(map), ...(only ? { only } : {}) }).trials;
const orderOf = (...input: Parameters<typeof plan>) => plan(...input).map(({ name }) => name);

describe('a trial that goes on from another one', () => {
  it('stands behind it, of the same axes and seed', () => {
    const rest = 'seeds: [0, 1]\naxes: { cross: { model.filters: [2, 4] } }\n';
    const trials = plan({ 1: 'first' }, rest);
    expect(trials.map(({ name }) => name).slice(0, 4)).toEqual([
      'first, filters 2, seed 0',
      'first, filters 2, seed 1',
      'fine, filters 2, seed 0',
      'fine, filters 2, seed 1',
    ]);
    const names = new Map(trials.map(({ id, name }) => [id, name]));
    const fine = trials.filter(({ method }) => method === 'fine');
    expect(fine).toHaveLength(4);
    for (const { name, after } of fine) expect(names.get(after!)).toBe(name.replace('fine', 'first'));
  });

  it('may go on from one that goes on itself, and brings it along where it alone is chosen', () => {
    const map = { 1: 'other', 2: 'first' };
    expect(orderOf(map)).toEqual(['first', 'other', 'fine']);
    expect(orderOf(map, '', ['fine'])).toEqual(['first', 'other', 'fine']);
    expect(orderOf(map, '', ['other'])).toEqual(['first', 'other']);
  });

  it('has an id in which the other has a part; those of trials that go on from none stay as they were', () => {
    const idsOf = (trials: ReturnType<typeof plan>) => Object.fromEntries(trials.map(({ method, id }) => [method, id]));
    const alone = idsOf(plan({}));
    const linked = idsOf(plan({ 1: 'first' }));
    expect(linked['first']).toBe(alone['first']);
    expect(linked['other']).toBe(alone['other']);
    expect(linked['fine']).not.toBe(alone['fine']);
    const others = loadText(text(), { ...links({ 1: 'first' }), sets: ['methods.first.model.filters=3'] }).trials;
    expect(idsOf(others)['fine']).not.toBe(linked['fine']);
    expect(idsOf(others)['other']).toBe(linked['other']);
  });

  it.each([
    [{ 1: 'frist' }, 'got "frist", wanted another method of the sweep (other, first); did you mean first?'],
    [{ 1: 'fine' }, 'got the method itself, wanted another method of the sweep (other, first)'],
    [
      { 1: 'other', 2: 'fine' },
      'got a circle (fine from other from fine), wanted methods of which one begins by itself',
    ],
  ])('%o is refused', (map, problem) => {
    expect(messageOf(() => plan(map))).toMatch(/^spec\.yaml:3:\d+: training\.steps: /);
    expect(messageOf(() => plan(map))).toContain(problem);
  });
});
