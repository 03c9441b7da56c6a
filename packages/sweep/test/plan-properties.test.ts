import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { canonicalJson, mergeTrees, parseTree, plain, planTree } from '../src/index.js';

const options = {
  trial: z.strictObject({
    model: z.strictObject({ kind: z.enum(['a', 'b']), size: z.int().default(1) }),
    steps: z.int(),
    loss: z.strictObject({ l1: z.number() }).optional(),
    extra: z.boolean().default(false),
  }),
  common: z.strictObject({ tracking: z.strictObject({ experiment: z.string() }).optional() }),
  fingerprint: (): unknown => 'v1',
};
const plan = (spec: unknown, changes: Partial<typeof options> = {}) =>
  planTree(parseTree(stringify(spec), 's.yaml'), { ...options, ...changes }).trials;
const base = { name: 's', model: { kind: 'a' }, steps: 3 };

describe('planTree', () => {
  it('methods times crossed axes times zipped axes times seeds', () => {
    const trials = plan({
      ...base,
      methods: { plain: {}, more: { extra: true } },
      seeds: [0, 4],
      axes: { cross: { steps: [10, 20] }, zip: { 'model.kind': ['a', 'b'], loss: [{ l1: 2 }, { l1: 3 }] } },
    });
    expect(trials).toHaveLength(16);
    expect(trials[0]).toMatchObject({
      name: 'plain, steps 10, kind "a", loss {"l1":2}, seed 0',
      group: 'plain, steps 10, kind "a", loss {"l1":2}',
      method: 'plain',
      seed: 0,
      axes: { steps: 10, 'model.kind': 'a', loss: { l1: 2 } },
      config: { model: { kind: 'a', size: 1 }, loss: { l1: 2 }, steps: 10, extra: false },
    });
    expect(new Set(trials.map(({ id }) => id)).size).toBe(16);
    expect(new Set(trials.map(({ group }) => group)).size).toBe(8);
    for (const { id } of trials) expect(id).toMatch(/^[0-9a-f]{12}$/);
  });

  it('an id tells what decides the result, and nothing else', () => {
    const id = (spec: unknown, fingerprint: unknown = 'v1') => plan(spec, { fingerprint: () => fingerprint })[0].id;
    const known = id(base);
    for (const same of [
      { ...base, name: 't' },
      { ...base, description: 'words' },
      { ...base, tracking: { experiment: 'q' } },
      { ...base, methods: { other: {} } },
      { ...base, model: { kind: 'a', size: 1 } },
    ])
      expect(id(same)).toBe(known);
    for (const other of [
      { ...base, steps: 4 },
      { ...base, seeds: [1] },
      { ...base, model: { kind: 'b' } },
    ])
      expect(id(other)).not.toBe(known);
    expect(id(base, 'v2')).not.toBe(known);
  });

  it('is the same for every order of keys', () => {
    const spec: Record<string, unknown> = {
      ...base,
      seeds: [1, 2],
      axes: { cross: { steps: [1, 2] } },
      model: { kind: 'b', size: 4 },
    };
    const known = JSON.stringify(plan(spec));
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(spec), { minLength: Object.keys(spec).length }), (keys) => {
        expect(JSON.stringify(plan(Object.fromEntries(keys.map((key) => [key, spec[key]]))))).toBe(known);
      }),
      { numRuns: 20 },
    );
  });
});

describe('mergeTrees', () => {
  const tree = (value: unknown) => parseTree(JSON.stringify(value), 'j');
  const merged = (...values: unknown[]) => plain(values.map(tree).reduce((under, over) => mergeTrees(under, over)));
  const map = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(
      fc.integer(),
      fc.array(fc.integer(), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), fc.integer(), { noNullPrototype: true }),
    ),
    { noNullPrototype: true },
  );

  it('keeps what is not named, and what is named wins', () => {
    fc.assert(
      fc.property(map, (value) => {
        expect(merged(value, {})).toEqual(value);
        expect(merged({}, value)).toEqual(value);
        expect(merged(value, value)).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(map, map, (under, over) => {
        const both = merged(under, over) as Record<string, unknown>;
        expect(Object.keys(both).sort()).toEqual([...new Set([...Object.keys(under), ...Object.keys(over)])].sort());
        for (const [key, value] of Object.entries(over)) {
          const isMap = (part: unknown) => typeof part === 'object' && part !== null && !Array.isArray(part);
          expect(both[key]).toEqual(
            isMap(value) && Object.keys(value as object).length > 0 && isMap(under[key])
              ? { ...(under[key] as object), ...(value as object) }
              : value,
          );
        }
      }),
    );
  });

  it('an empty map takes away what was there, below the top', () => {
    expect(merged({ axes: { cross: { a: [1] } }, b: 2 }, { axes: {} })).toEqual({ axes: {}, b: 2 });
    expect(merged({ model: { name: 'p', options: { d: 1 } } }, { model: { options: {} } })).toEqual({
      model: { name: 'p', options: {} },
    });
  });

  it('a map whose discriminating key changes is replaced, below the top', () => {
    expect(merged({ name: 'x', model: { name: 'p', d: 1 } }, { name: 'y', model: { name: 'q' } })).toEqual({
      name: 'y',
      model: { name: 'q' },
    });
    expect(merged({ model: { name: 'p', d: 1 } }, { model: { name: 'p', s: 2 } })).toEqual({
      model: { name: 'p', d: 1, s: 2 },
    });
  });
});

describe('canonicalJson', () => {
  it('is JSON, and the same for equal values', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).reverse();
      return Object.fromEntries(entries.map(([key, part]) => [key, shuffled(part)]));
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      }),
    );
    expect(canonicalJson({ b: undefined, a: [1, { d: null, c: 2 }] })).toBe('{"a":[1,{"c":2,"d":null}]}');
  });
});
