import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real MLflow server of this test alone. */
export interface MlflowServer {
  readonly uri: string;
  stop(): Promise<void>;
}

/** Starts MLflow on a free port of 127.0.0.1 with a new database, and waits until it answers. */
export async function startMlflow(python: string): Promise<MlflowServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-mlflow-'));
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const child = spawn(python, ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`, '--artifacts-destination', join(folder, 'artifacts')], {
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own group: uvicorn's workers end with it
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000); });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 160_000; ;) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended before it answered:\n${said}`);
    if (await healthy(uri)) return { uri, stop };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`mlflow server did not answer within 160 s:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function healthy(uri: string): Promise<boolean> {
  try {
    return (await fetch(`${uri}/health`)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
