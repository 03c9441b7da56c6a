/**
 * Starts MLflow's own server on this machine. Internal: for Lacuna's command line, its tests and its benches; not
 * covered by the versioning of the client.
 * @packageDocumentation
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a server of this machine runs with. */
export interface LocalServerOptions {
  /** Program of a Python that has MLflow. */
  readonly python: string;
  /** Folder that is there already, with its absolute path: the server works in it, see {@link localServerFiles}. */
  readonly dir: string;
  /** Port of 127.0.0.1; {@link freePort} finds one. */
  readonly port: number;
  /** Worker processes. Default 1. */
  readonly workers?: number;
  /** Further arguments of `mlflow server`. */
  readonly args?: readonly string[];
  /** Added to this process' environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How long to wait for a server. */
export interface WaitOptions {
  /** In milliseconds: a new database takes 20 s, a loaded machine over a minute. */
  readonly timeoutMs: number;
  /** Ends the waiting, not the server. */
  readonly signal?: AbortSignal;
}

/** A server that was started; it may not answer yet. */
export interface LocalServer {
  /** Its address, such as `http://127.0.0.1:5000`. */
  readonly uri: string;
  /** Its process, and the number of its group: workers belong to it. Undefined where Python could not be started. */
  readonly pid: number | undefined;
  /** File of all that it writes. */
  readonly log: string;
  /** Waits until it answers. @returns null once it does, else why not, such as `exit status 1`. */
  ready(waiting: WaitOptions): Promise<string | null>;
  /** Ends it and its workers at once, and returns when it is gone. */
  kill(): Promise<void>;
}

/** Files of a server below its folder: database (SQLite), artifacts, and log. */
export function localServerFiles(dir: string): {
  readonly database: string;
  readonly artifacts: string;
  readonly log: string;
} {
  return { database: join(dir, 'mlflow.db'), artifacts: join(dir, 'artifacts'), log: join(dir, 'server.log') };
}

/** Address of the server that has a port of this machine. */
export const localServerUri = (port: number): string => `http://127.0.0.1:${port}`;

/**
 * `mlflow server`, whose one worker runs in its own process. MLflow's own waits beside it and has loaded MLflow too: a
 * third of the start, half of the memory. uvicorn is loaded before the server: by that MLflow knows that it serves, and
 * guards against foreign hosts and origins. Where MLflow starts its worker in another way, it does so here too.
 */
const ONE_PROCESS = `import os
import mlflow
import uvicorn
import mlflow.server
from mlflow.cli import cli

start_beside = getattr(mlflow.server, '_exec_cmd', None)

def start_here(command, *rest, extra_env=None, **options):
    if command[1:3] != ['-m', 'uvicorn']:
        return start_beside(command, *rest, extra_env=extra_env, **options)
    os.environ.update(extra_env or {})
    uvicorn.main(command[3:])

mlflow.server._exec_cmd = start_here
cli(prog_name='mlflow')
`;

/**
 * Starts `mlflow server` on 127.0.0.1 with SQLite and a folder of artifacts, in a process group of its own that
 * outlives this process. Its log is begun anew.
 * @throws where the log cannot be written. A Python that is not there is told by `ready`.
 */
export function launchServer(options: LocalServerOptions): LocalServer {
  const { database, artifacts, log } = localServerFiles(options.dir);
  const uri = localServerUri(options.port);
  const file = openSync(log, 'w');
  const workers = options.workers ?? 1;
  const child = spawn(
    options.python,
    [
      ...(workers === 1 ? ['-c', ONE_PROCESS] : ['-m', 'mlflow']),
      ...['server', '--host', '127.0.0.1', '--port', String(options.port), '--workers', String(workers)],
      ...['--backend-store-uri', `sqlite:///${database}`, '--artifacts-destination', artifacts],
      ...(options.args ?? []),
    ],
    { cwd: options.dir, detached: true, stdio: ['ignore', file, file], env: serverEnvironment(options.env) },
  );
  closeSync(file);
  let ended: string | null = null;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended ??= `exit status ${code ?? signal}`;
  });
  child.unref();
  return {
    uri,
    pid: child.pid,
    log,
    ready: async (waiting) => {
      if (await waitForServer(uri, waiting, () => ended === null)) return null;
      if (waiting.signal?.aborted) return 'stopped before the server answered';
      return ended ?? `no answer from ${uri}/health within ${Math.round(waiting.timeoutMs / 1000)} s`;
    },
    kill: () => killGroup(child),
  };
}

/** Whether an MLflow server answers at an address, now; never throws. */
export async function isServerHealthy(uri: string): Promise<boolean> {
  try {
    const answer = await fetch(`${uri}/health`, { signal: AbortSignal.timeout(2000) });
    return answer.ok && (await answer.text()).trim() === 'OK';
  } catch {
    return false;
  }
}

/** Asks an address until it answers: false when the time is over, the signal aborts, or `alive` says no. */
export async function waitForServer(
  uri: string,
  { timeoutMs, signal }: WaitOptions,
  alive: () => boolean,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (alive() && Date.now() < deadline && !signal?.aborted) {
    if (await isServerHealthy(uri)) return alive();
    await sleep(200);
  }
  return false;
}

/**
 * A port of 127.0.0.1 that nobody listens on: the first of the hundred from `from` on, else, and by default, any.
 * @throws where the system gives none.
 */
export async function freePort(from?: number): Promise<number> {
  const wanted = from === undefined ? [] : Array.from({ length: 100 }, (_, index) => from + index);
  for (const port of wanted) if ((await listenOnce(port)) !== null) return port;
  const any = await listenOnce(0);
  if (any === null) throw new Error('no free port');
  return any;
}

/** The port once listened on (for 0 the one that the system chose); null where it is taken. */
function listenOnce(port: number): Promise<number | null> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(null));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : null));
    });
  });
}

/** A server is no client: the address that this process logs to is not its own. */
function serverEnvironment(added: LocalServerOptions['env']): NodeJS.ProcessEnv {
  return {
    ...process.env,
    MLFLOW_TRACKING_URI: '',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    PYTHONUNBUFFERED: '1',
    // What Python compiled is kept: without, each start of the server and of each worker compiles MLflow anew (5 s).
    PYTHONDONTWRITEBYTECODE: '',
    ...added,
  };
}

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.ref();
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}
