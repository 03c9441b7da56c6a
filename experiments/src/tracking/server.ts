import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAlive, makeFolder, withLockFile } from '@lacuna/core';
import {
  freePort,
  isServerHealthy,
  launchServer,
  localServerFiles,
  localServerUri,
  waitForServer,
} from 'mlflow-ts-client/local-server';
import { endGroup, serverGroups } from './server-processes.js';

/** Where the local server keeps its things, and what runs it. */
export interface TrackingServerOptions {
  /** Folder of database, artifacts, log and state: `.lacuna/mlflow`. */
  readonly dir: string;
  /** Python that has MLflow; null where set-up could not install it. */
  readonly python: string | null;
  /** First port to try; the port once used is kept. Default 5000. */
  readonly port?: number;
  /** How long to wait for `/health`: a new database takes 20 s, a loaded machine over a minute. Default 120 s. */
  readonly timeoutMs?: number;
  /** Ends the waiting, not the server. */
  readonly signal?: AbortSignal;
}

/** A server that answers; `started` tells whether this call started it. */
export interface TrackingServer {
  readonly uri: string;
  readonly pid: number;
  readonly started: boolean;
}

/** No server, and why; training goes on with the journal alone. */
export interface NoTrackingServer {
  readonly unavailable: string;
}

/** What `lacuna mlflow status` shows. */
export interface TrackingServerStatus {
  readonly running: boolean;
  /** Its main process is gone, and a worker keeps the port: it is to be stopped or started anew. */
  readonly orphaned: boolean;
  readonly healthy: boolean;
  readonly uri: string | null;
  readonly pid: number | null;
  readonly log: string;
}

interface ServerState {
  readonly pid: number;
  readonly port: number;
}

const paths = (dir: string) => {
  const home = resolve(dir);
  return {
    home,
    state: join(home, 'server.json'),
    lock: join(home, 'server.lock'),
    ...localServerFiles(home),
  };
};

/**
 * Finds or starts the local MLflow server of `dir`: SQLite and a folder of artifacts, on 127.0.0.1, left running. Its
 * folder is the user's alone. Of two processes that call at once one starts it and both get it; what an earlier server
 * left running on the same database is ended first. Never throws; only this promise waits, the caller may train
 * meanwhile.
 */
export async function ensureTrackingServer(options: TrackingServerOptions): Promise<TrackingServer | NoTrackingServer> {
  const timeoutMs = options.timeoutMs ?? 120_000;
  try {
    const place = paths(options.dir);
    makeFolder(place.artifacts);
    // Whatever is logged lies here.
    chmodSync(place.home, 0o700);
    return await withLockFile(place.lock, { timeoutMs: timeoutMs + 10_000, signal: options.signal }, async () => {
      const last = readState(place.state);
      if (last && isMain(last.pid, place)) {
        const uri = localServerUri(last.port);
        const waiting = { timeoutMs, signal: options.signal };
        if (await waitForServer(uri, waiting, () => isAlive(last.pid))) return { uri, pid: last.pid, started: false };
        if (options.signal?.aborted) return { unavailable: 'stopped before the server answered' };
      }
      for (const group of serverGroups(place, last?.pid ?? null)) await endGroup(group);
      if (options.python === null)
        return { unavailable: 'MLflow is not installed; npm run setup installs it or says what is missing' };
      return start({ ...options, python: options.python, timeoutMs }, place, last?.port ?? options.port ?? 5000);
    });
  } catch (error) {
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
}

/** Stops the server of `dir` and what it left running; false when nothing ran. */
export async function stopTrackingServer(dir: string): Promise<boolean> {
  const place = paths(dir);
  const groups = serverGroups(place, readState(place.state)?.pid ?? null);
  for (const group of groups) await endGroup(group);
  return groups.length > 0;
}

/** Looks, and changes nothing. */
export async function trackingServerStatus(dir: string): Promise<TrackingServerStatus> {
  const place = paths(dir);
  const state = readState(place.state);
  const whole = state !== null && isMain(state.pid, place);
  const [group] = whole ? [state.pid] : serverGroups(place, state?.pid ?? null);
  const running = group !== undefined;
  return {
    running,
    orphaned: running && !whole,
    healthy: running && state !== null && (await isServerHealthy(localServerUri(state.port))),
    uri: running && state !== null ? localServerUri(state.port) : null,
    pid: group ?? null,
    log: place.log,
  };
}

async function start(
  { python, timeoutMs, signal }: { python: string; timeoutMs: number; signal?: AbortSignal },
  place: ReturnType<typeof paths>,
  firstPort: number,
): Promise<TrackingServer | NoTrackingServer> {
  let port = firstPort;
  let reason = '';
  // Another program may take the port between our look and the server's bind: then the next one.
  for (let attempt = 0; attempt < 3; attempt++, port++) {
    port = await freePort(port);
    const server = launchServer({ python, dir: place.home, port });
    if (server.pid !== undefined)
      writeFileSync(place.state, `${JSON.stringify({ pid: server.pid, port } satisfies ServerState)}\n`);
    const failure = await server.ready({ timeoutMs, signal });
    if (failure === null && server.pid !== undefined) return { uri: server.uri, pid: server.pid, started: true };
    // It goes on starting, for whoever asks next.
    if (signal?.aborted) return { unavailable: 'stopped before the server answered' };
    reason = failure ?? '';
    if (server.pid !== undefined) await endGroup(server.pid);
    rmSync(place.state, { force: true });
    if (!/address already in use/i.test(logTail(place.log))) break;
  }
  return { unavailable: `MLflow server: ${reason}; its log is ${place.log}${lastLine(place.log)}` };
}

function readState(path: string): ServerState | null {
  try {
    const { pid, port } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ServerState>;
    return Number.isInteger(pid) && Number.isInteger(port) ? { pid: pid!, port: port! } : null;
  } catch {
    return null;
  }
}

/**
 * Whether `pid` lives and, where the system shows command lines, is the server of this database: numbers are used again
 * after a restart.
 */
function isMain(pid: number, { database }: ReturnType<typeof paths>): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    // Empty for a process that was killed and that its parent did not ask after.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(database);
  } catch {
    return false;
  }
}

function logTail(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-4000);
  } catch {
    return '';
  }
}

function lastLine(path: string): string {
  const line = logTail(path).trimEnd().split('\n').at(-1)?.trim();
  return line ? ` (${line})` : '';
}
