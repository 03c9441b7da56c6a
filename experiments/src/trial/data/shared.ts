import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, withLockFile } from '@lacuna/core';
import { canonicalJson } from '@lacuna/sweep';
import { ownerOf } from '../../extensions/registry.js';
import { ownJob } from '../../queue/own-job.js';
import type { TrialContext } from '../context.js';

/** How long a trial waits for another one that makes the same, in ms. */
const PATIENCE_MS = 3_600_000;

/** What all trials of a sweep on the same data share: made by the first that comes to it, read by the others. */
export interface SharedPart<T> {
  /** What it is called, before its key. */
  readonly name: string;
  /** What decides it besides the data. */
  readonly decidedBy: unknown;
  /** Makes it; `path` is a JSON file to write last, or a folder that such a file ends. */
  readonly make: (path: string) => T;
  /** The JSON file, where `path` is a folder. */
  readonly file?: string;
}

/** Makes a shared part, or reads what another trial made. */
export async function shareOnce<T>(context: TrialContext, part: SharedPart<T>): Promise<T> {
  const { options, data, spec } = context;
  const { dimensions, degradation, split, normalise } = spec;
  const own = ownerOf('degradation', degradation.kind)?.digest;
  const decided = own === undefined ? part.decidedBy : [part.decidedBy, own];
  const text = canonicalJson([data.source.digest, dimensions, degradation, split, normalise, decided]);
  const key = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const path = join(options.shared, part.file === undefined ? `${part.name}-${key}.json` : `${part.name}-${key}`);
  const file = part.file === undefined ? path : join(path, part.file);
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as T;
  if (existsSync(file)) return read();
  makeFolder(options.shared);
  // A trial that is to stop waits all the same: what another one measures is soon there, and this one is at its end.
  return withLockFile(`${path}.lock`, { timeoutMs: PATIENCE_MS, own: ownJob() }, () =>
    Promise.resolve(existsSync(file) ? read() : part.make(path)),
  );
}
