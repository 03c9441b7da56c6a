import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export interface RealServer {
  readonly uri: string;
  readonly dir: string;
  kill(): Promise<void>;
  /** Starts again on the same port and database. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Starts a real `mlflow server` with SQLite and a local artifact folder, and waits until it answers. */
export async function startRealServer(
  python: string,
  options: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<RealServer> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-real-'));
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const log = fs.openSync(path.join(dir, 'server.txt'), 'a');
    child = spawn(
      python,
      [
        '-m',
        'mlflow',
        'server',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--workers',
        '1',
        '--backend-store-uri',
        `sqlite:///${dir}/mlflow.db`,
        '--artifacts-destination',
        path.join(dir, 'artifacts'),
        ...(options.args ?? []),
      ],
      {
        // A group of its own, so that the worker ends with the server.
        detached: true,
        stdio: ['ignore', log, log],
        cwd: dir,
        env: {
          ...process.env,
          MLFLOW_DISABLE_TELEMETRY: 'true',
          MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
          MLFLOW_TRACKING_URI: '',
          ...options.env,
        },
      },
    );
    fs.closeSync(log);
    const deadline = Date.now() + 150_000;
    while (
      !(await fetch(`${uri}/health`).then(
        (answer) => answer.ok,
        () => false,
      ))
    ) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(
          `mlflow server did not start:\n${fs.readFileSync(path.join(dir, 'server.txt'), 'utf8').slice(-3000)}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const kill = async (): Promise<void> => {
    if (child?.pid === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await gone;
  };
  await start();
  return {
    uri,
    dir,
    kill,
    restart: start,
    remove: async () => {
      await kill();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net
      .createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address() as net.AddressInfo;
        server.close(() => resolve(port));
      });
  });
}
