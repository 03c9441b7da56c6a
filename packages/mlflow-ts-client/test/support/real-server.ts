import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort, launchServer, localServerFiles, type LocalServer } from '../../src/local-server.js';

export interface RealServer {
  readonly uri: string;
  kill(): Promise<void>;
  /** Starts again on the same port and database. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Starts a real `mlflow server` in a folder of its own, and waits until it answers. */
export async function startRealServer(
  python: string,
  options: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<RealServer> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-real-'));
  const port = await freePort();
  const start = async (): Promise<LocalServer> => {
    const started = launchServer({ python, dir, port, ...options });
    const failure = await started.ready({ timeoutMs: 150_000 });
    if (failure !== null)
      throw new Error(`mlflow server: ${failure}\n${fs.readFileSync(localServerFiles(dir).log, 'utf8').slice(-3000)}`);
    return started;
  };
  let server = await start();
  return {
    uri: server.uri,
    kill: () => server.kill(),
    restart: async () => {
      server = await start();
    },
    remove: async () => {
      await server.kill();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
