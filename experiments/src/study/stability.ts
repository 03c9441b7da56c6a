import { existsSync, readFileSync } from 'node:fs';
import { FailureError, InputError, median, writeFileAtomic } from '@lacuna/core';
import { readResults, type TrialResult } from '../sweep/results/results.js';

/** How trials of one method over seeds ended. */
export interface MethodStability {
  readonly method: string;
  readonly seeds: number;
  /** Ended by an alarm: a value that is not finite, a flat or inverted output, a discriminator that won. */
  readonly diverged: number;
  /** Finished with less of the network than interpolation shows: see {@link stabilityOf}. */
  readonly collapsed: number;
  /** Smallest and largest over the seeds that did not diverge; null where that is none. */
  readonly psnr: Range | null;
  /** At each trial's own level. */
  readonly clDice: (Range & { readonly worstSeed: number }) | null;
  /** At the level that all methods share. */
  readonly commonClDice: Range | null;
  /** Median time of training, seconds. */
  readonly seconds: number | null;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * The stability of each method over its seeds. A trial has collapsed where it finished with a clDice, at its own level,
 * below that of `reference`, an interpolation, at its own: training then lost more of the network than it gave. Levels
 * are each one's own, as unpaired training leaves intensities free.
 * @throws {FailureError} where the reference has no result, or was not scored at its own level.
 */
export function stabilityOf(results: readonly TrialResult[], reference: string): MethodStability[] {
  const floor = ownClDice(results.find(({ method }) => method === reference));
  if (floor === null)
    throw new FailureError({
      who: 'stability',
      got: `no clDice of ${reference} at its own level`,
      wanted: 'the result of an interpolation, below which a trial has collapsed',
      remedy: `run it: lacuna sweep SPEC --only ${reference}`,
    });
  const methods = [...new Set(results.map(({ method }) => method))].filter((method) => method !== reference);
  return methods.map((method) => {
    const trials = results.filter((result) => result.method === method);
    const finished = trials.filter(({ status }) => status !== 'diverged');
    const own = finished.map((result) => ({ seed: result.seed, value: ownClDice(result) ?? 0 }));
    const [worst] = [...own].sort((a, b) => a.value - b.value || a.seed - b.seed);
    const clDice = rangeOf(own.map(({ value }) => value));
    const seconds = finished.flatMap(({ cost }) => cost.trainSeconds ?? []);
    return {
      method,
      seeds: trials.length,
      diverged: trials.length - finished.length,
      collapsed: own.filter(({ value }) => value < floor).length,
      psnr: rangeOf(finished.flatMap(({ test }) => test.values['psnr'] ?? [])),
      clDice: clDice && { ...clDice, worstSeed: worst.seed },
      commonClDice: rangeOf(finished.flatMap(({ test }) => test.values['cldice'] ?? [])),
      seconds: seconds.length === 0 ? null : median(seconds),
    };
  });
}

/** At the trial's own level; null where it has none, or no network at it. */
const ownClDice = (result: TrialResult | undefined): number | null => result?.testOwnLevel?.values['cldice'] ?? null;

const rangeOf = (values: readonly number[]): Range | null =>
  values.length === 0 ? null : { least: Math.min(...values), most: Math.max(...values) };

/** A table of Markdown, the method with the best worst seed first. */
export function stabilityTable(methods: readonly MethodStability[]): string {
  const worst = ({ clDice }: MethodStability) => clDice?.least ?? -1;
  const ordered = [...methods].sort((a, b) => worst(b) - worst(a));
  const columns: readonly (readonly [string, (row: MethodStability) => string])[] = [
    ['method', ({ method }) => method],
    ['seeds', ({ seeds }) => String(seeds)],
    ['diverged', ({ diverged }) => String(diverged)],
    ['collapsed', ({ collapsed }) => String(collapsed)],
    ['clDice, own level', ({ clDice }) => rangeText(clDice, 3)],
    ['worst seed', ({ clDice }) => (clDice === null ? '–' : `${clDice.least.toFixed(3)} (${clDice.worstSeed})`)],
    ['spread', ({ clDice }) => (clDice === null ? '–' : (clDice.most - clDice.least).toFixed(3))],
    ['clDice', ({ commonClDice }) => rangeText(commonClDice, 3)],
    ['PSNR', ({ psnr }) => rangeText(psnr, 2)],
    ['median time, s', ({ seconds }) => (seconds === null ? '–' : seconds.toFixed(0))],
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(() => '---')),
    ...ordered.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join('\n');
}

const rangeText = (range: Range | null, digits: number): string =>
  range === null ? '–' : `${range.least.toFixed(digits)}–${range.most.toFixed(digits)}`;

/** Around a table that a command writes into a page. */
const marks = (name: string) => ({ begin: `<!-- stability: ${name} -->`, end: `<!-- end of ${name} -->` });

/**
 * Results of the folders of one sweep, or of parts of it that ran beside each other; of a trial that several hold, the
 * first.
 * @throws {FailureError} for a folder without a finished trial.
 */
export function resultsOfFolders(folders: readonly string[]): TrialResult[] {
  const found = new Map<string, TrialResult>();
  for (const folder of folders) {
    const results = readResults(folder);
    if (results.length === 0)
      throw new FailureError({
        who: folder,
        got: 'no finished trial',
        wanted: 'the folder of a sweep',
        remedy: 'run lacuna sweep first',
      });
    for (const result of results) if (!found.has(result.id)) found.set(result.id, result);
  }
  return [...found.values()];
}

function readPage(page: string): string {
  if (existsSync(page)) return readFileSync(page, 'utf8');
  throw new InputError({ who: page, got: 'no file', wanted: 'a page of Markdown', remedy: 'leave --page out' });
}

/**
 * Puts a table between the marks that a page has for it.
 * @throws {InputError} for a page that is not there, or has no marks.
 */
export function writeTable(page: string, name: string, table: string): void {
  const text = readPage(page);
  const { begin, end } = marks(name);
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0)
    throw new InputError({
      who: page,
      got: 'no place for the table',
      wanted: `a line ${begin}, and below it ${end}`,
      remedy: 'add both lines, or leave --page out',
    });
  writeFileAtomic(page, `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`);
}
