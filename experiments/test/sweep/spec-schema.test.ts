import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plain, readTree } from '@lacuna/sweep';
import { specPage } from '../../src/sweep/spec/spec-page.js';
import { specJsonSchema, type JsonSchema } from '../../src/sweep/spec/spec-schema.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const specs = readdirSync(`${root}experiments/specs`).filter((name) => name.endsWith('.yaml'));
const schema = specJsonSchema();

/** Whether a value is valid, as far as schemas of specs go: the keywords that zod writes for them. */
function isValid(at: JsonSchema, value: unknown): boolean {
  if (typeof at['$ref'] === 'string') return isValid(definition(at['$ref']), value);
  if (at.anyOf) return at.anyOf.some((branch) => isValid(branch, value));
  if (at.const !== undefined) return value === at.const;
  if (at.enum) return at.enum.includes(value);
  if (Array.isArray(value)) {
    const { items, prefixItems = [] } = at;
    return at.type === 'array' && value.every((item, i) => isValid(prefixItems[i] ?? items ?? {}, item));
  }
  if (value !== null && typeof value === 'object') {
    if (at.type !== undefined && at.type !== 'object') return false;
    return Object.entries(value).every(([key, part]) => isValidEntry(at, key, part));
  }
  return hasType(at, value);
}

function isValidEntry({ properties, additionalProperties }: JsonSchema, key: string, value: unknown): boolean {
  const known = properties?.[key];
  if (known) return isValid(known, value);
  if (additionalProperties === false) return false;
  return typeof additionalProperties !== 'object' || isValid(additionalProperties, value);
}

function hasType({ type, minimum }: JsonSchema, value: unknown): boolean {
  if (type === undefined) return true;
  if (type === 'null') return value === null;
  if (type === 'integer' && !Number.isInteger(value)) return false;
  if (type !== 'integer' && typeof value !== type) return false;
  return typeof minimum !== 'number' || Number(value) >= minimum;
}

const definition = (reference: string): JsonSchema =>
  (schema['$defs'] as Record<string, JsonSchema>)[reference.replace('#/$defs/', '')];

describe('the JSON Schema of specs', () => {
  it('is kept beside the shipped specs', () => {
    const kept = JSON.parse(read('experiments/specs/spec.schema.json')) as unknown;
    expect(kept, 'npx lacuna schema > experiments/specs/spec.schema.json').toEqual(JSON.parse(JSON.stringify(schema)));
  });

  it.each(specs)('lets %s through, with what it extends, and is named in its first line', (name) => {
    const path = `${root}experiments/specs/${name}`;
    expect(read(`experiments/specs/${name}`).split('\n')[0]).toBe('# yaml-language-server: $schema=spec.schema.json');
    expect(isValid(schema, plain(readTree(path)))).toBe(true);
  });

  it.each([
    ['an unknown key', { trainig: {} }],
    ['a wrong kind of value', { training: { steps: 'many' } }],
    ['an unknown model', { model: { name: 'fsrcn' } }],
    ['a field of another model', { methods: { a: { model: { name: 'srcnn', groups: 3 } } } }],
    ['a metric that is none', { evaluation: { metrics: ['psnr', 'cldise'] } }],
  ])('marks %s', (_, spec) => {
    expect(isValid(schema, spec)).toBe(false);
  });

  it('lets parts of a spec through: what is missing can be extended, a method can be left out', () => {
    expect(isValid(schema, { extends: 'a.yaml', methods: { a: null, b: { training: { steps: 3 } } } })).toBe(true);
    expect(isValid(schema, { extends: ['a.yaml', 'b.yaml'], seeds: [1] })).toBe(true);
  });
});

describe('docs/spec.md', () => {
  it('is made from the same schemas', () => {
    expect(specPage(), 'npx lacuna schema --markdown > docs/spec.md').toBe(read('docs/spec.md'));
  });

  it('has every field with its default', () => {
    const page = specPage();
    expect(page).toContain('| `learningRate` | number > 0 | `0.001` |');
    expect(page).toContain('### degradation: kind confocal');
    for (const key of ['data', 'model', 'regime', 'training', 'evaluation', 'tracking', 'figures', 'methods'])
      expect(page).toMatch(new RegExp(`^## ${key}$`, 'm'));
  });
});

describe('docs/losses.md', () => {
  const page = read('docs/losses.md');
  const regimes = schema.properties!['regime'].anyOf!.map(({ properties = {} }) => properties);
  const fieldsOf = (kind: string) => regimes.find((properties) => properties['kind'].const === kind)!;
  const unnamed = (names: readonly unknown[]) => names.filter((name) => !page.includes(`\`${String(name)}\``));

  it('names every regime', () => {
    const kinds = regimes.map((properties) => properties['kind'].const);
    expect(kinds.length).toBeGreaterThan(8);
    expect(unnamed(kinds)).toEqual([]);
  });

  it('names every pixel and adversarial loss', () => {
    const { loss, adversarial } = fieldsOf('adversarial');
    expect(unnamed([...loss.enum!, ...adversarial.enum!])).toEqual([]);
  });

  it('names the weight of every term of the geometry regime', () => {
    const fields = Object.keys(fieldsOf('geometry')).filter((field) => !['kind', 'loss'].includes(field));
    // Other fields of a term begin with that of its weight: softClDiceEvery.
    const weights = fields.filter((field) => !fields.some((other) => other !== field && field.startsWith(other)));
    expect(weights).toContain('skeletonRecall');
    expect(unnamed(weights)).toEqual([]);
  });
});
