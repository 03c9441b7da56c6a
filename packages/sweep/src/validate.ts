import { z } from 'zod';
import { InputError, nearestName } from '@lacuna/core';
import { formatPlace, placeOf, plain, type Tree } from './tree.js';
import { describeValue, wantedBy } from './describe-issue.js';

interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly innerType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly valueType?: z.ZodType;
  readonly keyType?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
  readonly in?: z.ZodType;
}

const definitionOf = (schema: z.ZodType): Definition => (schema as unknown as { _zod: { def: Definition } })._zod.def;

/** The object or union behind defaults, optionals and the like. */
function unwrap(schema: z.ZodType): z.ZodType {
  const definition = definitionOf(schema);
  const inner = definition.innerType ?? (definition.type === 'pipe' ? definition.in : undefined);
  return inner ? unwrap(inner) : schema;
}

/** The branch of a union that a value means, by its discriminating key. */
function branchOf(schema: z.ZodType, value: unknown): z.ZodType {
  const core = unwrap(schema);
  const { options, discriminator } = definitionOf(core);
  if (!options || !discriminator || typeof value !== 'object' || value === null) return core;
  const wanted = (value as Record<string, unknown>)[discriminator];
  return (
    options.find((option) => {
      const shape = definitionOf(unwrap(option)).shape;
      return shape?.[discriminator] !== undefined && shape[discriminator].safeParse(wanted).success;
    }) ?? core
  );
}

/** The schema that a value at a path is held to, or null where none is known. */
function schemaAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): z.ZodType | null {
  let at = branchOf(schema, value);
  let current = value;
  for (const part of path) {
    const { shape, element, items, valueType } = definitionOf(unwrap(at));
    current = (current as Record<PropertyKey, unknown> | null | undefined)?.[part];
    const next = shape?.[String(part)] ?? element ?? items?.[Number(part)] ?? valueType;
    if (!next) return null;
    at = branchOf(next, current);
  }
  return unwrap(at);
}

/** Whether only whole numbers are let in: zod says "number" of text that stands in their place. */
function isWhole(schema: z.ZodType | null): boolean {
  return schema !== null && (definitionOf(schema).format === 'safeint' || definitionOf(schema).format === 'int32');
}

/** Names that a map may have at a path: what an unknown key might have meant. */
function namesAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const at = schemaAt(schema, value, path);
  if (!at) return [];
  const { shape, keyType } = definitionOf(at);
  return shape ? Object.keys(shape) : Object.values((keyType && definitionOf(keyType).entries) ?? {});
}

/**
 * A schema's problems with a tree, each as one line: place, path, what was got, what is wanted, the nearest valid name.
 * @param alsoValid names that an unknown key at the top may have meant besides those of the schema.
 */
export function problemsOf(
  tree: Tree,
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  alsoValid: readonly string[] = [],
): string[] {
  const value = plain(tree);
  return issues.flatMap((issue) => {
    const line = (path: readonly PropertyKey[], got: string, wanted: string, near?: string) =>
      `${formatPlace(placeOf(tree, path, issue.code === 'unrecognized_keys' ? 'key' : 'value'))}: ` +
      `${path.map(String).join('.') || 'spec'}: got ${got}, wanted ` +
      `${wanted}${near ? `; did you mean ${near}?` : ''}`;
    if (issue.code === 'unrecognized_keys') {
      const valid = [...namesAt(schema, value, issue.path), ...(issue.path.length === 0 ? alsoValid : [])];
      return issue.keys.map((key) =>
        line([...issue.path, key], 'an unknown key', `one of ${valid.join(', ')}`, nearestName(key, valid)),
      );
    }
    const got = valueAt(value, issue.path);
    if (issue.code === 'invalid_value')
      return [
        line(
          issue.path,
          describeValue(got),
          wantedBy(issue),
          typeof got === 'string' ? nearestName(got, issue.values.map(String)) : undefined,
        ),
      ];
    if (issue.code === 'invalid_union' && 'discriminator' in issue && issue.discriminator) {
      const options = discriminatorValues(schema, value, issue.path);
      return [
        line(
          issue.path,
          describeValue(got),
          `one of ${options.join(', ')}`,
          typeof got === 'string' ? nearestName(got, options) : undefined,
        ),
      ];
    }
    const whole =
      issue.code === 'invalid_type' && issue.expected === 'number' && isWhole(schemaAt(schema, value, issue.path));
    return [line(issue.path, describeValue(got), whole ? 'a whole number' : wantedBy(issue))];
  });
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

function discriminatorValues(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  let at = branchOf(schema, value);
  let current = value;
  for (const part of path.slice(0, -1)) {
    const { shape, element } = definitionOf(unwrap(at));
    current = (current as Record<PropertyKey, unknown> | undefined)?.[part];
    const next = shape?.[String(part)] ?? element;
    if (!next) return [];
    at = branchOf(next, current);
  }
  const last = path.at(-1);
  const own = definitionOf(unwrap(at));
  const union = own.discriminator ? own : definitionOf(unwrap(own.shape?.[String(last)] ?? at));
  return (union.options ?? []).flatMap((option) => {
    const key = definitionOf(unwrap(option)).shape?.[union.discriminator ?? ''];
    return key ? ((definitionOf(key) as unknown as { values?: unknown[] }).values ?? []).map(String) : [];
  });
}

/** Raises all problems as one error, a line each. */
export function refuse(problems: readonly string[]): never {
  const unique = [...new Set(problems)];
  const [first] = unique;
  throw new SpecError(
    unique.length === 1
      ? first
      : `${unique.length} problems in the spec:\n${unique.map((problem) => `  ${problem}`).join('\n')}`,
  );
}

/** A spec that does not hold; the message lists every problem with its place. Exit status 2. */
export class SpecError extends InputError {
  constructor(text: string) {
    super({ who: 'spec', got: text, wanted: '' });
    this.message = text;
    this.name = 'SpecError';
  }
}

/** Parses a tree with a schema or lists what is wrong. */
export function parseWith<S extends z.ZodType>(
  tree: Tree,
  schema: S,
  alsoValid: readonly string[] = [],
): { value: z.infer<S> } | { problems: string[] } {
  const result = schema.safeParse(plain(tree));
  return result.success
    ? { value: result.data }
    : { problems: problemsOf(tree, schema, result.error.issues, alsoValid) };
}
