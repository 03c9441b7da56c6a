import { spawn } from 'node:child_process';
import net from 'node:net';

/** Starts `mlflow server` with SQLite and a local artifact folder in `dir`; waits until it answers. */
export async function startServer(python, dir, workers) {
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };
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
      workers,
      '--backend-store-uri',
      `sqlite:///${dir}/mlflow.db`,
      '--artifacts-destination',
      `${dir}/artifacts`,
    ],
    { env, detached: true, stdio: 'ignore', cwd: dir },
  );
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await gone;
  };
  const deadline = Date.now() + 150_000;
  while (
    !(await fetch(`${uri}/health`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error('the server did not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return { uri, stop };
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
