import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { FailureError, writeFileAtomic } from '@lacuna/core';
import type { LoadedSource } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { extensionsOf } from '../../extensions/used.js';
import { RESULTS_VERSION } from '../../machine/workspace.js';
import { sourceFingerprint } from '../../sweep/plan/identity.js';
import type { TrialSpec } from '../../sweep/spec/spec.js';

/** Larger sources are read by every trial: what is kept stands beside them on the disk. */
const MOST_BYTES = 2 ** 29;

const PREFIX = 'source-';

/** Images of sources that the trials of a sweep share. */
export interface SourceStore {
  /** Null where none are kept, or other ones. */
  read(spec: TrialSpec): LoadedSource | null;
  keep(spec: TrialSpec, source: LoadedSource): void;
}

/**
 * Preprocessed images in the folder that the trials of a sweep share: the first trial decodes, flattens or synthesises
 * them, the others read the same numbers back. The name of a file holds all that decides them, contents of the user's
 * files included. Two trials that begin together both make the same.
 * @param baseDir where relative paths of specs start.
 */
export function keptSources(shared: string, baseDir: string): SourceStore {
  const pathOf = (spec: TrialSpec) => join(shared, `${PREFIX}${sourceKey(spec, baseDir)}.bin`);
  return {
    read(spec) {
      const path = pathOf(spec);
      return existsSync(path) ? readWhole(path) : null;
    },
    keep(spec, source) {
      if (bytesOf(source) > MOST_BYTES) return;
      try {
        writeFileAtomic(pathOf(spec), serialize(source));
      } catch (error) {
        // A disk that is full, or an extension's source with parts that are no data, costs the next trial some seconds.
        if (!(error instanceof FailureError) && !isUnserialisable(error)) throw error;
      }
    },
  };
}

/** Removes what a sweep's folder keeps for trials to come, once there are none. */
export function dropKeptSources(shared: string): void {
  if (!existsSync(shared)) return;
  for (const name of readdirSync(shared)) if (name.startsWith(PREFIX)) rmSync(join(shared, name), { force: true });
}

/** All that decides the images of a source, as 16 digits. */
export function sourceKey(spec: TrialSpec, baseDir: string): string {
  const decided = canonicalJson({
    version: RESULTS_VERSION,
    // The layout of the file is V8's own.
    v8: process.versions.v8,
    data: spec.data,
    files: sourceFingerprint(spec.data, baseDir),
    extensions: extensionsOf(spec)
      .map(({ digest }) => digest)
      .sort(),
  });
  return createHash('sha256').update(decided).digest('hex').slice(0, 16);
}

/** Null for a file that a disk has damaged. */
function readWhole(path: string): LoadedSource | null {
  try {
    return deserialize(readFileSync(path)) as LoadedSource;
  } catch {
    return null;
  }
}

const isUnserialisable = (error: unknown): boolean => error instanceof Error && error.name === 'DataCloneError';

function bytesOf({ images, lr, truth }: LoadedSource): number {
  const planes = [...images, ...(lr ?? []), ...(truth ?? []).flatMap(({ mask, skeleton }) => [mask, skeleton])];
  return planes.reduce((sum, { data }) => sum + data.byteLength, 0);
}
