import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** An MLflow server that a test may kill. */
export interface Server {
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/** Starts MLflow with its store in `folder` and waits until it answers. */
export async function startServer(python: string, folder: string, port: number): Promise<Server> {
  const child = spawn(python, ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`, '--artifacts-destination', join(folder, 'artifacts')], {
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' }, stdio: 'ignore', detached: true,
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = async () => {
    // The group: the workers end with their server.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await gone;
  };
  const answers = () => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok, () => false);
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended with status ${child.exitCode} before it answered`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { kill };
}
