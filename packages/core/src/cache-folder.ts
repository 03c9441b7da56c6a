import { homedir } from 'node:os';
import { join } from 'node:path';

/** The per-user cache, shared by all copies of Lacuna: $XDG_CACHE_HOME/lacuna or ~/.cache/lacuna. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lacuna');
}
