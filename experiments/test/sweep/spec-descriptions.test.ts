import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly const?: unknown;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** Names of what one chooses by, whose values explain themselves, and of a trial's parts where methods repeat them. */
const SPEAKING = new Set(['source', 'structure', 'kind', 'name']);

/** Fields without a word on what they mean. */
function undescribed({ properties = {}, anyOf = [], oneOf = [], allOf = [] }: Schema, path: string): string[] {
  const inside = Object.entries(properties).flatMap(([name, field]) => {
    const isSaid = field.description !== undefined || field.const !== undefined || field.$ref !== undefined;
    const own = isSaid || SPEAKING.has(name) ? [] : [`${path}.${name}`];
    return [...own, ...undescribed(field, `${path}.${name}`)];
  });
  return [...inside, ...[...anyOf, ...oneOf, ...allOf].flatMap((choice) => undescribed(choice, path))];
}

describe('the schema of specs', () => {
  const text = readFileSync(new URL('../../specs/spec.schema.json', import.meta.url), 'utf8');
  const schema = JSON.parse(text) as Schema;

  it('says of every field what it means', () => {
    const parts = Object.entries(schema.$defs ?? {}).flatMap(([name, part]) => undescribed(part, name));
    expect([...undescribed(schema, ''), ...parts]).toEqual([]);
  });
});
