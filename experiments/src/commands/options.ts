import type { Command } from 'commander';
import { InputError } from '@lacuna/core';

/** Options that name a sweep: shared by every command that reads one. */
export interface SweepSelection {
  readonly spec: string;
  readonly set: readonly string[];
  readonly out?: string;
}

/** `--spec`, `--set`, `--out`. */
export function withSweepSelection(command: Command): Command {
  return command
    .option('--spec <file>', 'the spec (YAML)', 'experiments/specs/quickstart.yaml')
    .option(
      '--set <path=value>',
      'changes one field of the spec; may be given again',
      (value: string, before: string[]) => [...before, value],
      [] as string[],
    )
    .option('--out <folder>', "where results go (default: runs/<the spec's name>)");
}

/** A whole number of at least 1. */
export function positiveInteger(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1)
      throw new InputError({ who: option, got: text, wanted: 'a whole number of at least 1' });
    return value;
  };
}

/** A whole number of at least 0. */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
      throw new InputError({ who: option, got: text, wanted: 'a whole number of at least 0' });
    return value;
  };
}

/** Gathers an option that may be given again. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];
