import type { z } from 'zod';

/** Letters of a text that an error shows. */
const SHOWN = 120;

/** A value as an error shows it: whole when it is small, its kind or its beginning otherwise. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return describeList(value);
  if (value !== null && typeof value === 'object') return `a map with ${Object.keys(value).join(', ') || 'no keys'}`;
  if (typeof value === 'string' && value.length > SHOWN)
    return `${JSON.stringify(value.slice(0, SHOWN))} and ${value.length - SHOWN} letters more`;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** `[0.75, 0.5, 0.25]`, or how many there are. */
function describeList(values: readonly unknown[]): string {
  const text = `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
  const isShort = text.length <= SHOWN / 2 && values.every((value) => value === null || typeof value !== 'object');
  return isShort ? text : `a list of ${values.length}`;
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  tuple: 'a list',
  null: 'null',
};

/** What a schema wanted where it raised `issue`, as text that completes "wanted ...". */
export function wantedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.message.startsWith('Too small')
        ? bound(issue.origin, issue.inclusive === false ? '>' : '>=', 'at least', issue.minimum)
        : ownMessage(issue);
    case 'too_big':
      return issue.message.startsWith('Too big')
        ? bound(issue.origin, issue.inclusive === false ? '<' : '<=', 'at most', issue.maximum)
        : ownMessage(issue);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      if (!issue.message.startsWith('Invalid input')) return ownMessage(issue);
      return (
        [
          ...new Set(issue.errors.flatMap((branch) => branch.filter(({ path }) => path.length === 0).map(wantedBy))),
        ].join(' or ') || 'another form'
      );
    default:
      return ownMessage(issue);
  }
}

/** A schema's own message, which may begin as the sentence does that it completes. */
function ownMessage({ message }: z.core.$ZodIssue): string {
  return message.replace(/^(Invalid input: |wanted )/, '');
}

function bound(origin: string, sign: string, phrase: string, limit: number | bigint): string {
  if (origin === 'array') return `a list of ${phrase} ${limit}`;
  if (origin === 'string') return `text of ${phrase} ${limit} character${Number(limit) === 1 ? '' : 's'}`;
  return origin === 'int' || origin === 'number' || origin === 'bigint'
    ? `a number ${sign} ${limit}`
    : `${phrase} ${limit} of them`;
}
