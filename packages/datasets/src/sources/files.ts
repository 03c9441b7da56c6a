import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The per-user cache: $XDG_CACHE_HOME/lacuna or ~/.cache/lacuna. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lacuna');
}

/** SHA-256 of a file, in hexadecimal, read as a stream. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Whether a file is there with exactly these contents. */
export async function holds(path: string, sha256: string, bytes: number): Promise<boolean> {
  return existsSync(path) && statSync(path).size === bytes && (await sha256OfFile(path)) === sha256;
}
