import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { InputError, describeReadFailure } from '@lacuna/core';
import { describeValue } from './describe-issue.js';
import { LIMITS } from './limits.js';
import { mergeTrees } from './merge-trees.js';
import { dropMethods } from '../plan/methods.js';
import { parseTree } from './parse-tree.js';
import { formatPlace, plain, takeKeys, type Place, type Tree } from './tree.js';

/** How a file came to be read. */
interface Reading {
  /** The files that extend one another up to it. */
  readonly chain: readonly string[];
  /** Where it is named; undefined for the spec itself. */
  readonly place?: Place;
  /** Files that were read so far, each time that one is read. */
  readonly files: { count: number };
}

/**
 * A spec's text with everything that it extends, later files over earlier ones; a method that is null leaves the
 * inherited one out.
 * @throws {InputError} for a missing file, a circle, and what goes beyond {@link LIMITS}.
 */
export function readTree(path: string, reading: Reading = { chain: [], files: { count: 0 } }): Tree {
  const who = reading.place ? formatPlace(reading.place) : path;
  refuseCircle(path, who, reading.chain);
  if (++reading.files.count > LIMITS.files)
    throw new InputError({ who, got: `more than ${LIMITS.files} files by extends`, wanted: 'fewer' });
  const tree = parseTree(readSpec(path, who), path);
  if (tree.kind !== 'map')
    throw new InputError({ who: formatPlace(tree.place), got: describeTop(tree), wanted: 'keys and values' });
  const { rest, taken } = takeKeys(tree, ['extends']);
  const bases = taken.get('extends');
  if (!bases) return rest;
  const files = { ...reading, chain: [...reading.chain, path] };
  const merged = (bases.kind === 'list' ? bases.items : [bases]).map((name) => readBase(name, path, files));
  return [...merged, rest].reduce((base, over) => dropMethods(base, mergeTrees(base, over)));
}

function readBase(name: Tree, from: string, reading: Reading): Tree {
  if (name.kind !== 'scalar' || typeof name.value !== 'string')
    throw new InputError({
      who: formatPlace(name.place),
      got: JSON.stringify(plain(name)),
      wanted: 'the path of a spec',
    });
  const path = isAbsolute(name.value) ? name.value : join(dirname(from), name.value);
  return readTree(path, { ...reading, place: name.place });
}

function refuseCircle(path: string, who: string, chain: readonly string[]): void {
  const full = resolve(path);
  const before = chain.findIndex((name) => resolve(name) === full);
  if (before < 0) return;
  throw new InputError({
    who,
    got: `a circle of extends: ${[...chain.slice(before), path].join(' -> ')}`,
    wanted: 'specs that do not extend one another',
  });
}

function describeTop(tree: Exclude<Tree, { kind: 'map' }>): string {
  if (tree.kind === 'list') return 'a list';
  return tree.value === null ? 'an empty file' : describeValue(tree.value);
}

/** The text of a spec. Devices and pipes, which may never end, are not opened. */
function readSpec(path: string, who: string): string {
  const refuse = (got: string, cause?: unknown): InputError =>
    new InputError(
      {
        who,
        got: who === path ? got : `${path}: ${got}`,
        wanted: 'a spec (YAML)',
        remedy: 'experiments/specs holds some to start from',
      },
      { cause },
    );
  try {
    const found = statSync(path);
    if (found.isDirectory()) throw refuse('a folder');
    if (!found.isFile()) throw refuse('a device or a pipe');
    if (found.size > LIMITS.bytes)
      throw refuse(`${found.size.toLocaleString('en')} bytes (at most ${LIMITS.bytes.toLocaleString('en')})`);
    return readAtMost(path, found.size);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw refuse(describeReadFailure(error), error);
  }
}

/** Files of a system folder (/proc) have no size and no end: no more is read than there was. */
function readAtMost(path: string, bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    for (let read = 1; read > 0 && length < bytes; length += read)
      read = readSync(file, buffer, length, bytes - length, null);
    return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}
