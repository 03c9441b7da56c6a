import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@lacuna/core';
import { inject } from 'vitest';

/** Address of the shared MLflow server, once it answers. */
export async function answeringServer(): Promise<{ readonly uri: string; readonly port: number }> {
  const server = inject('mlflow');
  if (server === null) throw new Error('no Python with MLflow: a test that needs the server has to skip');
  const uri = `http://127.0.0.1:${server.port}`;
  for (const deadline = Date.now() + 160_000; ; await sleep(200)) {
    if (
      await fetch(`${uri}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { uri, port: server.port };
    if (!isAlive(server.pid) || Date.now() > deadline)
      throw new Error(
        `mlflow server ${isAlive(server.pid) ? 'did not answer within 160 s' : 'ended before it answered'}:\n` +
          readFileSync(server.log, 'utf8').slice(-4000),
      );
  }
}
