import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '@lacuna/core';
import { loadExtensionsOfSpec } from '../extensions/in-spec.js';
import { loadExtensions } from '../extensions/load.js';
import { DEFAULT_SPEC, type SweepSelection } from '../sweep/plan/selection.js';

/** Options of every command that reads a sweep. */
export interface SelectionOptions {
  readonly spec?: string;
  readonly set: readonly string[];
  readonly only?: readonly string[];
  readonly out?: string;
}

/** `--spec`, `--set`, `--only`, `--out`. */
export function withSelectionOptions(command: Command): Command {
  return command
    .option('--spec <file>', 'the spec, as the argument names it')
    .option('--set <path=value>', 'changes one field of the spec; may be given again', collect, [] as string[])
    .option('--only <methods>', 'these methods, separated by commas', splitNames)
    .option('--out <folder>', "where results go (default: runs/<the spec's name>)");
}

/** A command over a sweep: its spec is an argument, and everything that names one is an option. */
export function onSweep<Options extends SelectionOptions>(
  command: Command,
  act: (selection: SweepSelection, options: Options) => Promise<void> | void,
): Command {
  return withSelectionOptions(command.argument('[spec]', `the spec (YAML); default: ${DEFAULT_SPEC}`)).action(
    async (spec: string | undefined, options: Options) => {
      const selection = selectionOf(spec, options);
      await loadExtensionsOfSpec(selection);
      return act(selection, options);
    },
  );
}

/** @throws {InputError} where argument and `--spec` name two specs. */
export function selectionOf(argument: string | undefined, options: SelectionOptions): SweepSelection {
  if (argument !== undefined && options.spec !== undefined && argument !== options.spec)
    throw new InputError({
      who: 'lacuna',
      got: `two specs, ${argument} and --spec ${options.spec}`,
      wanted: 'one',
      remedy: 'extends in a spec takes over another; --set changes single fields',
    });
  const { set, only, out } = options;
  return {
    spec: argument ?? options.spec ?? DEFAULT_SPEC,
    set,
    ...(only === undefined ? {} : { only }),
    ...(out === undefined ? {} : { out }),
  };
}

function splitNames(text: string, before: readonly string[] = []): string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== '')];
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

/** `--extension`, for commands that read no spec; {@link loadGivenExtensions} loads them. */
export const withExtensionOption = (command: Command): Command =>
  command.option('--extension <file>', 'a module that registers what is your own; may be given again', collect, []);

/** Loads what `--extension` named, before any name that it registers is looked up. */
export async function loadGivenExtensions(files: readonly string[]): Promise<void> {
  await loadExtensions(files.map((file) => ({ file: resolve(file), by: '--extension' })));
}

/** Gathers an option that may be given again. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];
