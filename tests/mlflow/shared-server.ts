import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, launchServer } from 'mlflow-ts-client/local-server';
import type { TestProject } from 'vitest/node';
import { findPython } from './python.js';

/** The one MLflow server of the tests that need one, still starting when this is handed over. */
export interface SharedServer {
  readonly uri: string;
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
  const dir = mkdtempSync(join(tmpdir(), 'mlflow-'));
  const port = await freePort();
  const server = launchServer({ python, dir, port });
  project.provide('mlflow', { uri: server.uri, port, pid: server.pid ?? 0, log: server.log });
  // Its database goes with it: nothing has to be saved.
  return () => server.kill();
}
