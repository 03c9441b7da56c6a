import { z } from 'zod';
import { InputError, nearestName } from '@lacuna/core';
import { formatPlace, placeOf, placeOfKey, plain, type Tree } from './tree.js';

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
  const core = unwrap(schema), { options, discriminator } = definitionOf(core);
  if (!options || !discriminator || typeof value !== 'object' || value === null) return core;
  const wanted = (value as Record<string, unknown>)[discriminator];
  return options.find((option) => {
    const shape = definitionOf(unwrap(option)).shape;
    return shape?.[discriminator] !== undefined && shape[discriminator].safeParse(wanted).success;
  }) ?? core;
}

/** The schema that a value at a path is held to, or null where none is known. */
function schemaAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): z.ZodType | null {
  let at = branchOf(schema, value), current = value;
  for (const part of path) {
    const { shape, element, items, valueType } = definitionOf(unwrap(at));
    current = (current as Record<PropertyKey, unknown> | null | undefined)?.[part];
    const next = shape?.[String(part)] ?? element ?? items?.[Number(part)] ?? valueType;
    if (!next) return null;
    at = branchOf(next, current);
  }
  return unwrap(at);
}

/** Names that a map may have at a path: what an unknown key might have meant. */
function namesAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const at = schemaAt(schema, value, path);
  return at ? Object.keys(definitionOf(at).shape ?? {}) : [];
}

/** Whether only whole numbers are let in: zod says "number" of text that stands in their place. */
function isWhole(schema: z.ZodType | null): boolean {
  return schema !== null && (definitionOf(schema).format === 'safeint' || definitionOf(schema).format === 'int32');
}

/** A schema's problems with a tree, each as one line: place, path, what was got, what is wanted, the nearest valid name. */
export function problemsOf(tree: Tree, schema: z.ZodType, issues: readonly z.core.$ZodIssue[], prefix: readonly string[] = []): string[] {
  const value = plain(tree);
  return issues.flatMap((issue) => {
    const at = formatPlace(placeOf(tree, issue.path));
    const field = [...prefix, ...issue.path.map(String)].join('.') || 'spec';
    if (issue.code === 'unrecognized_keys') {
      const valid = namesAt(schema, value, issue.path);
      return issue.keys.map((key) => {
        const near = nearestName(key, valid);
        const place = formatPlace(placeOfKey(tree, issue.path, key));
        return `${place}: ${[...prefix, ...issue.path.map(String), key].join('.')}: got an unknown key, wanted one of ${valid.join(', ')}${near ? `; did you mean ${near}?` : ''}`;
      });
    }
    const got = describe(issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], value));
    if (issue.code === 'invalid_value' || (issue.code === 'invalid_union' && 'discriminator' in issue && issue.discriminator)) {
      const options = issue.code === 'invalid_value' ? issue.values.map(String) : discriminatorValues(schema, value, issue.path);
      const key = issue.code === 'invalid_union' ? String((issue as { discriminator?: string }).discriminator) : '';
      const shown = issue.code === 'invalid_union' && !got.startsWith('"') ? describe(issue.path.reduce<unknown>((part, name) => (part as Record<PropertyKey, unknown> | undefined)?.[name], value)) : got;
      const near = nearestName(shown.replaceAll('"', ''), options);
      return [`${at}: ${field}${key && !field.endsWith(key) ? `.${key}` : ''}: got ${shown}, wanted one of ${options.join(', ')}${near ? `; did you mean ${near}?` : ''}`];
    }
    if (issue.code === 'invalid_type') return [`${at}: ${field}: got ${got}, wanted ${article(issue.expected === 'number' && isWhole(schemaAt(schema, value, issue.path)) ? 'int' : issue.expected)}`];
    return [`${at}: ${field}: got ${got}, wanted ${issue.message.replace(/^(Too (small|big): |Invalid input: )/, '').replace(/^expected (\w+) to be /, '')}`];
  });
}

function discriminatorValues(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  let at = branchOf(schema, value), current = value;
  for (const part of path.slice(0, -1)) {
    const { shape, element } = definitionOf(unwrap(at));
    current = (current as Record<PropertyKey, unknown> | undefined)?.[part];
    const next = shape?.[String(part)] ?? element;
    if (!next) return [];
    at = branchOf(next, current);
  }
  const last = path.at(-1), own = definitionOf(unwrap(at));
  const union = own.discriminator ? own : definitionOf(unwrap(own.shape?.[String(last)] ?? at));
  return (union.options ?? []).flatMap((option) => {
    const key = definitionOf(unwrap(option)).shape?.[union.discriminator ?? ''];
    return key ? ((definitionOf(key) as unknown as { values?: unknown[] }).values ?? []).map(String) : [];
  });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return `a map with ${Object.keys(value).join(', ') || 'no keys'}`;
  return JSON.stringify(value);
}

const articles: Readonly<Record<string, string>> = { int: 'a whole number', number: 'a number', string: 'text', boolean: 'true or false', array: 'a list', object: 'a map', record: 'a map', tuple: 'a list' };
const article = (type: string): string => articles[type] ?? type;

/** Raises all problems as one error, a line each. */
export function refuse(problems: readonly string[]): never {
  const unique = [...new Set(problems)];
  const [first] = unique;
  throw new SpecError(unique.length === 1 ? first! : `${unique.length} problems in the spec:\n${unique.map((problem) => `  ${problem}`).join('\n')}`);
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
export function parseWith<S extends z.ZodType>(tree: Tree, schema: S, prefix: readonly string[] = []): { value: z.infer<S> } | { problems: string[] } {
  const result = schema.safeParse(plain(tree));
  return result.success ? { value: result.data as z.infer<S> } : { problems: problemsOf(tree, schema, result.error.issues, prefix) };
}
