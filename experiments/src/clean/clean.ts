import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError, diskFailure } from '@lacuna/core';
import { lockSweep } from '@lacuna/sweep';
import { leavingsOf, type Cleaned, type SweepLeavings } from './removable.js';

/**
 * The sweeps that are meant: those that are named, or all below `runs/`.
 * @throws {InputError} for a folder that holds no sweep.
 */
export function sweepsToClean(named: readonly string[], runs = 'runs'): string[] {
  if (named.length > 0) return named.map(requireSweep);
  const there = existsSync(runs) ? readdirSync(runs).sort() : [];
  return there.map((name) => resolve(runs, name)).filter(isSweep);
}

const isSweep = (folder: string): boolean => existsSync(join(folder, 'spec.json'));

function requireSweep(folder: string): string {
  if (isSweep(folder)) return resolve(folder);
  throw new InputError({
    who: folder,
    got: existsSync(folder) ? 'a folder without a sweep (spec.json)' : 'no such folder',
    wanted: 'the folder of a sweep, such as runs/quickstart',
    remedy: 'name the folder that lacuna sweep wrote, or none for all below runs/',
  });
}

/**
 * Takes away what may go of one sweep, looked through anew while nobody else may run it.
 * @throws {FailureError} while a process runs the sweep, and where the disk refuses.
 */
export function cleanSweep(sweep: string, kinds: readonly Cleaned[]): SweepLeavings {
  const release = lockSweep(sweep);
  try {
    const found = leavingsOf(sweep, kinds);
    for (const { paths } of found.removable) for (const path of paths) remove(path);
    return found;
  } finally {
    release();
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw diskFailure(path, error, 'a folder that may be emptied', 'make it writable, and run the same command again');
  }
}
