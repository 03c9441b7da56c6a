import type { z } from 'zod';
import { InputError, nearestName, printable } from '@lacuna/core';
import { describeValue, wantedBy } from './describe-issue.js';
import { branchOf, definitionOf, isWhole, namesAt, schemaAt, unwrap } from './schema-walk.js';
import { formatPlace, placeOf, plain, type Place, type Tree } from './tree.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** A tree beside the schema that it is held to. */
interface Checked {
  readonly tree: Tree;
  readonly value: unknown;
  readonly schema: z.ZodType;
  /** Names that an unknown key at the top may have meant besides those of the schema. */
  readonly alsoValid: readonly string[];
}

/**
 * Parses a tree with a schema or lists what is wrong, a line each: place, path, what was got, what is wanted, the
 * nearest valid name.
 */
export function parseWith<S extends z.ZodType>(
  tree: Tree,
  schema: S,
  alsoValid: readonly string[] = [],
): { value: z.infer<S> } | { problems: string[] } {
  const value = plain(tree);
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const checked = { tree, value, schema, alsoValid };
  return { problems: result.error.issues.flatMap((issue) => problemsOf(checked, issue)) };
}

function problemsOf(checked: Checked, issue: Issue): string[] {
  const { schema, value, alsoValid } = checked;
  const { path } = issue;
  const got = valueAt(value, path);
  if (issue.code === 'unrecognized_keys') {
    const valid = [...namesAt(schema, value, path), ...(path.length === 0 ? alsoValid : [])];
    return issue.keys.map((key) =>
      problem(checked, {
        path: [...path, key],
        part: 'key',
        got: 'an unknown key',
        wanted: valid.length === 0 ? 'none there' : `one of ${valid.join(', ')}`,
        near: nearestName(key, valid),
      }),
    );
  }
  if (issue.code === 'invalid_key') {
    const wanted = issue.issues.map(wantedBy).join(' and ');
    return [problem(checked, { path, part: 'key', got: `the name ${JSON.stringify(path.at(-1))}`, wanted })];
  }
  if (issue.code === 'invalid_value') return [oneOf(checked, path, got, issue.values.map(String))];
  if (issue.code === 'invalid_union') {
    if ('discriminator' in issue && issue.discriminator)
      return [oneOf(checked, path, got, discriminatorValues(schema, value, path))];
    const meant = meantBranch(issue, got);
    if (meant) return meant.flatMap((inner) => problemsOf(checked, { ...inner, path: [...path, ...inner.path] }));
  }
  const whole = issue.code === 'invalid_type' && issue.expected === 'number' && isWhole(schemaAt(schema, value, path));
  return [problem(checked, { path, got: describeValue(got), wanted: whole ? 'a whole number' : wantedBy(issue) })];
}

/** A value that is none of a few. */
function oneOf(checked: Checked, path: Path, got: unknown, values: readonly string[]): string {
  const near = typeof got === 'string' ? nearestName(got, values) : undefined;
  return problem(checked, { path, got: describeValue(got), wanted: `one of ${values.join(', ')}`, near });
}

/** Of a union of a map and something else, what is wrong inside of the map that was given: its own issues say more. */
function meantBranch(issue: Extract<Issue, { code: 'invalid_union' }>, got: unknown): Issue[] | undefined {
  if (typeof got !== 'object' || got === null) return undefined;
  const inside = issue.errors.filter((branch) => branch.every(isInside));
  return inside.length === 1 ? inside[0] : undefined;
}

/** Whether an issue concerns a part of a value, and not its kind. */
const isInside = ({ path, code }: Issue): boolean => path.length > 0 || code === 'unrecognized_keys';

interface Problem {
  readonly path: Path;
  /** Whether the place is that of the value, or of its key; default `value`. */
  readonly part?: 'key' | 'value';
  readonly got: string;
  readonly wanted: string;
  readonly near?: string | undefined;
}

function problem({ tree }: Checked, { path, part = 'value', got, wanted, near }: Problem): string {
  const name = path.map(String).join('.') || 'spec';
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return `${formatPlace(nearestPlace(tree, path, part))}: ${name}: got ${got}, wanted ${wanted}${hint}`;
}

/** Where a value stands, or the map that lacks it; of what is missing at the top, the file. */
function nearestPlace(tree: Tree, path: Path, part: 'key' | 'value'): Place {
  const isMissingAtTop = tree.kind === 'map' && path.length > 0 && !tree.entries.has(String(path[0]));
  return isMissingAtTop ? { file: tree.place.file, line: 0, column: 0 } : placeOf(tree, path, part);
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

function discriminatorValues(schema: z.ZodType, value: unknown, path: Path): string[] {
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
  const shown = unique.slice(0, MOST_SHOWN).map((line) => `  ${line}`);
  if (unique.length > MOST_SHOWN) shown.push(`  and ${unique.length - MOST_SHOWN} more`);
  throw new SpecError(unique.length === 1 ? first : `${unique.length} problems in the spec:\n${shown.join('\n')}`);
}

const MOST_SHOWN = 40;

/** A spec that does not hold; the message lists every problem with its place. Exit status 2. */
export class SpecError extends InputError {
  constructor(text: string) {
    super({ who: 'spec', got: text, wanted: '' });
    this.message = printable(text);
    this.name = 'SpecError';
  }
}
