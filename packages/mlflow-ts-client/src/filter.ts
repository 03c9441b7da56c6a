import { MlflowInputError, quote } from './errors.js';

type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE';
type TextComparison = '=' | '!=' | 'LIKE' | 'ILIKE';

/** A filter for searches. MLflow joins clauses by AND only; `and` gives a new filter. */
export class Filter {
  private readonly clauses: readonly string[];

  /** @param clauses comparisons in MLflow's grammar; {@link where} writes them. */
  constructor(clauses: readonly string[]) {
    this.clauses = clauses;
  }

  /** Both: a new filter of all clauses of the two. */
  and(other: Filter): Filter {
    return new Filter([...this.clauses, ...other.clauses]);
  }

  /** The text that MLflow reads: clauses joined by AND. */
  toString(): string {
    return this.clauses.join(' AND ');
  }
}

const one = (left: string, comparison: string, right: string): Filter => new Filter([`${left} ${comparison} ${right}`]);

/**
 * Builds filters: `where.metric('psnr', '>', 30).and(where.tag('sweep', '=', 'a1'))`.
 * Names are quoted with backticks and values with single quotes as MLflow's grammar needs.
 */
export const where = {
  /** Last value of a metric. @throws {MlflowInputError} for a value that is not finite. */
  metric: (key: string, comparison: Exclude<Comparison, 'LIKE' | 'ILIKE'>, value: number): Filter => {
    if (!Number.isFinite(value))
      throw new MlflowInputError({
        who: 'where.metric',
        got: String(value),
        wanted: 'a finite number',
        remedy: 'MLflow cannot compare with it: filter in the program.',
      });
    return one(`metrics.${name(key)}`, comparison, String(value));
  },
  /** Value of a param, as text. */
  param: (key: string, comparison: TextComparison, value: string): Filter =>
    one(`params.${name(key)}`, comparison, text(value)),
  /** Value of a tag. */
  tag: (key: string, comparison: TextComparison, value: string): Filter =>
    one(`tags.${name(key)}`, comparison, text(value)),
  /** Runs without the tag. */
  tagMissing: (key: string): Filter => new Filter([`tags.${name(key)} IS NULL`]),
  /** Runs with the tag, whatever its value. */
  tagPresent: (key: string): Filter => new Filter([`tags.${name(key)} IS NOT NULL`]),
  /** State of a run, one of `RUN_STATUSES`. */
  status: (comparison: '=' | '!=', value: string): Filter => one('attributes.status', comparison, text(value)),
  /** Name of a run. */
  runName: (comparison: TextComparison, value: string): Filter => one('attributes.run_name', comparison, text(value)),
  /** Runs with one of these ids. */
  runIds: (ids: readonly string[]): Filter => new Filter([`attributes.run_id IN (${ids.map(text).join(', ')})`]),
  /** Start of a run, milliseconds since 1970. */
  startTime: (comparison: Exclude<Comparison, 'LIKE' | 'ILIKE'>, ms: number): Filter =>
    one('attributes.start_time', comparison, String(ms)),
  /** For searches of experiments and registered models. */
  name: (comparison: TextComparison, value: string): Filter => one('name', comparison, text(value)),
};

function name(key: string): string {
  if (key.includes('`'))
    throw new MlflowInputError({
      who: 'where',
      got: quote(key),
      wanted: 'a name without backticks',
      remedy: 'MLflow has no escape for a backtick in a filter.',
    });
  return `\`${key}\``;
}

function text(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new MlflowInputError({
    who: 'where',
    got: quote(value),
    wanted: 'a value without both kinds of quotes',
    remedy: 'MLflow has no escape for quotes: use LIKE with % in their place.',
  });
}
