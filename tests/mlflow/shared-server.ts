import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from './free-port.js';
import { findPython } from './python.js';

/** The one MLflow server of the tests that need one, still starting when this is handed over. */
export interface SharedServer {
  readonly port: number;
  readonly pid: number;
  /** What it says. */
  readonly log: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly mlflow: SharedServer | null;
  }
}

/**
 * vitest's globalSetup: starts MLflow with a new database beside the first tests, which do not wait for it, and ends
 * it after the last.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { python, absent } = findPython();
  if (absent !== null) {
    project.provide('mlflow', null);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'mlflow-'));
  const log = join(folder, 'server.log');
  const port = await freePort();
  const file = openSync(log, 'w');
  const child = spawn(
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
      `sqlite:///${join(folder, 'mlflow.db')}`,
      '--artifacts-destination',
      join(folder, 'artifacts'),
    ],
    {
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
      stdio: ['ignore', file, file],
      detached: true, // its own group: its workers end with it
    },
  );
  closeSync(file);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  project.provide('mlflow', { port, pid: child.pid ?? 0, log });
  return async () => {
    // Its database goes with it: nothing has to be saved.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
    await gone;
  };
}
