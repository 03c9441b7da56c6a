import { readFileSync } from 'node:fs';
import { isAlive } from '@lacuna/core';
import { waitForServer } from 'mlflow-ts-client/local-server';
import { inject } from 'vitest';

/** Address of the shared MLflow server, once it answers. */
export async function answeringServer(): Promise<{ readonly uri: string; readonly port: number }> {
  const server = inject('mlflow');
  if (server === null) throw new Error('no Python with MLflow: a test that needs the server has to skip');
  const { uri, port, pid, log } = server;
  if (await waitForServer(uri, { timeoutMs: 160_000 }, () => isAlive(pid))) return { uri, port };
  throw new Error(
    `mlflow server ${isAlive(pid) ? 'did not answer within 160 s' : 'ended before it answered'}:\n` +
      readFileSync(log, 'utf8').slice(-4000),
  );
}
