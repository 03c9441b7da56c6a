import { printable } from './printable.js';

/** What one clear error says: who refuses, what it got, what it wanted, and what to do about it. */
export interface ErrorParts {
  /** The part that refuses, as its user knows it: `spec quickstart.yaml:12:5`, `readTiff`, `fsrcnn`. */
  readonly who: string;
  /** What came in. */
  readonly got: string;
  /** What would have been accepted. */
  readonly wanted: string;
  /** The next thing to try. */
  readonly remedy?: string;
}

/**
 * Base of all errors that Lacuna raises on purpose.
 *
 * `tag` is stable and may be switched upon; the message is for people. `exitCode` is what the command line
 * ends with: 2 for the user's mistakes (input, spec, options), 1 for failures of the machine or the network.
 */
export class LacunaError extends Error {
  readonly tag: string;
  readonly parts: ErrorParts;
  readonly exitCode: 1 | 2;

  constructor(tag: string, parts: ErrorParts, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(formatParts(parts), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = tag;
    this.tag = tag;
    this.parts = parts;
    this.exitCode = options.exitCode ?? 2;
  }
}

/** The user's mistake: a wrong file, value, option or spec. Exit status 2. */
export class InputError extends LacunaError {
  constructor(parts: ErrorParts, options: { cause?: unknown } = {}) {
    super('InputError', parts, { ...options, exitCode: 2 });
  }
}

/** Two things whose sizes must agree do not. Exit status 2. */
export class ShapeError extends LacunaError {
  constructor(parts: ErrorParts, options: { cause?: unknown } = {}) {
    super('ShapeError', parts, { ...options, exitCode: 2 });
  }
}

/** The machine, the network or a peer failed: disk full, port in use, process killed. Exit status 1. */
export class FailureError extends LacunaError {
  constructor(parts: ErrorParts, options: { cause?: unknown } = {}) {
    super('FailureError', parts, { ...options, exitCode: 1 });
  }
}

function formatParts({ who, got, wanted, remedy }: ErrorParts): string {
  const sentence = `${shortened(who)}: got ${shortened(got)}, wanted ${wanted}`;
  return printable(remedy === undefined ? sentence : `${sentence}; ${remedy}`);
}

/** Letters of a name or value of others that a message shows. */
const SHOWN = 600;

/** Without its middle, where it is longer than any path is read. */
function shortened(text: string): string {
  if (text.length <= SHOWN) return text;
  return `${text.slice(0, (2 * SHOWN) / 3)} … ${text.slice(-SHOWN / 4)}`;
}

/**
 * The name nearest to `word` by Damerau-Levenshtein distance (optimal string alignment), for "did you mean".
 * @returns undefined when nothing is within a third of the longer word's length (at least 1, at most 4 edits).
 */
export function nearestName(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const name of names) {
    const limit = Math.min(4, Math.max(1, Math.floor(Math.max(word.length, name.length) / 3)));
    const distance = editDistance(word.toLowerCase(), name.toLowerCase());
    if (distance <= limit && distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
