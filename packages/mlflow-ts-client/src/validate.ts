import { MlflowInputError, quote } from './errors.js';
import { RUN_STATUSES, type RunStatus } from './entities/run.js';

/** Limits of MLflow 3.17: of one log-batch request, of names and of values (characters). */
export const LIMITS = {
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  batchItems: 1000,
  batchBytes: 1_000_000,
  key: 250,
  /** MLflow's check allows 500, its database 256: what is longer fails on some servers and is cut by others. */
  experimentName: 256,
  runName: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentTagValue: 20_000,
  searchResults: 50_000,
  metricHistoryPage: 25_000,
} as const;

const NAME = /^[/\w.\- :]*$/u;

/**
 * Metric, param and tag names: letters, digits and `_ - . space : /`, at most 250 characters, and a plain relative
 * path.
 */
export function checkName(who: string, name: string): void {
  const remedy = 'Rename it: letters, digits, _ - . space : and / are allowed.';
  if (typeof name !== 'string' || name === '')
    throw new MlflowInputError({ who, got: quote(name), wanted: 'a name', remedy });
  if (name.length > LIMITS.key)
    throw new MlflowInputError({
      who,
      got: `a name of ${name.length} characters`,
      wanted: `at most ${LIMITS.key}`,
      remedy: 'Shorten it.',
    });
  if (!NAME.test(name))
    throw new MlflowInputError({ who, got: quote(name), wanted: 'a name that MLflow accepts', remedy });
  if (!isPlainPath(name))
    throw new MlflowInputError({
      who,
      got: quote(name),
      wanted: 'a name that is a plain relative path',
      remedy: 'Leave out leading, trailing and doubled slashes, "." and ".." parts.',
    });
}

/** Names that MLflow takes as any text, up to a length: of experiments and runs, keys of experiment tags. */
export function checkFreeName(who: string, name: string, limit: number): void {
  if (typeof name !== 'string' || name === '')
    throw new MlflowInputError({ who, got: quote(name), wanted: 'a name', remedy: 'Give it one.' });
  if (name.length > limit)
    throw new MlflowInputError({
      who,
      got: `a name of ${name.length} characters`,
      wanted: `at most ${limit}`,
      remedy: 'Shorten it.',
    });
}

/** Artifact paths: relative, forward slashes, no `.` or `..` parts, nothing that a server would decode again. */
export function checkArtifactPath(who: string, path: string): void {
  const bad =
    typeof path !== 'string' ||
    path === '' ||
    !isPlainPath(path) ||
    path.includes('\\') ||
    path.includes('#') ||
    path.includes('?') ||
    /%[0-9a-f]{2}/i.test(path) ||
    /^[a-z][a-z0-9+.-]*:/i.test(path) ||
    hasControlCharacters(path);
  if (bad)
    throw new MlflowInputError({
      who,
      got: quote(path),
      wanted: 'a relative path with forward slashes',
      remedy: 'Leave out "..", "#", "?", backslashes, percent escapes and a leading slash or scheme.',
    });
}

/** Steps are 64-bit integers at the server; here they are integers that a double holds exactly. */
export function checkStep(who: string, step: number): void {
  if (!Number.isSafeInteger(step))
    throw new MlflowInputError({
      who,
      got: `the step ${quote(step)}`,
      wanted: 'a whole number',
      remedy: 'Round it yourself, or log an epoch as its own metric.',
    });
}

/** Times are whole milliseconds since 1970. */
export function checkTimestamp(who: string, timestamp: number): void {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw new MlflowInputError({
      who,
      got: `the time ${quote(timestamp)}`,
      wanted: 'whole milliseconds since 1970',
      remedy: 'Use Date.now().',
    });
}

/** @throws {MlflowInputError} for what is no number; NaN and the infinities are numbers. */
export function checkMetricValue(who: string, value: number): void {
  if (typeof value !== 'number')
    throw new MlflowInputError({
      who,
      got: quote(value),
      wanted: 'a number (NaN and infinities are kept)',
      remedy: 'Log text as a param, a tag or an artifact.',
    });
}

/** MLflow ignores an unknown status and answers 200; here it is refused. */
export function checkStatus(who: string, status: string): asserts status is RunStatus {
  if (!(RUN_STATUSES as readonly string[]).includes(status))
    throw new MlflowInputError({
      who,
      got: quote(status),
      wanted: RUN_STATUSES.join(', '),
      remedy: 'Use one of these words.',
    });
}

/**
 * MLflow cuts longer values silently; the plain client refuses them, the fluent run keeps them whole as an artifact.
 */
export function checkLength(who: string, value: string, limit: number): void {
  if (value.length > limit)
    throw new MlflowInputError({
      who,
      got: `${value.length} characters`,
      wanted: `at most ${limit}, beyond which MLflow cuts silently`,
      remedy: 'Shorten it, or log it as an artifact.',
    });
}

/** Numbers as MLflow's JSON has them. */
export function metricValueToJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function isPlainPath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function hasControlCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 32) return true;
  return false;
}
