import { relative } from 'node:path';
import { existingPath } from '../../machine/workspace.js';
import { withPoints } from '../../search/points-of-sweep.js';
import { planSweep, type LacunaSweep } from './plan.js';
import { sweepFolder } from './sweep-folder.js';
import { withoutUserInfo } from '../../tracking/address.js';

/** The spec of commands that are given none. */
export const DEFAULT_SPEC = 'experiments/specs/quickstart.yaml';

/** What names a sweep on the command line. */
export interface SweepSelection {
  /** Path of the spec: from where the command is called, or from the repository's root. */
  readonly spec: string;
  /** `path=value`, each in turn over the spec. */
  readonly set: readonly string[];
  /** Methods; all by default. */
  readonly only?: readonly string[];
  /** The folder of its results. */
  readonly out?: string;
}

/** Plans what a command names. */
export function planSelection({ spec, set, only, out }: SweepSelection): LacunaSweep {
  const sweep = planSweep(existingPath(spec), {
    sets: set,
    baseDir: process.cwd(),
    ...(only === undefined ? {} : { only }),
  });
  return withPoints(sweep, sweepFolder(sweep.name, out));
}

/** A command for the same sweep, as it can be pasted into a shell where this one was called. */
export function commandFor(command: string, { spec, set, only, out }: SweepSelection): string {
  const words = [
    ...command.split(' '),
    relative(process.cwd(), existingPath(spec)) || spec,
    ...set.flatMap((text) => ['--set', withoutUserInfo(text)]),
    ...(only === undefined ? [] : ['--only', only.join(',')]),
    ...(out === undefined ? [] : ['--out', out]),
  ];
  return ['npx', 'lacuna', ...words.map(shellQuote)].join(' ');
}

/** A word as a POSIX shell takes it for one. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
