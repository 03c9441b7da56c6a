import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, startRun } from '../src/index.js';
import { hasModule, python, whyNoPython } from './support/python.js';
import { startRealServer, type RealServer } from './support/real-server.js';

function whyNoAuth(): string | undefined {
  if (python === undefined) return whyNoPython;
  return hasModule(python, 'flask_wtf') ? undefined : 'the basic-auth app needs Flask-WTF in the same Python';
}
const why = whyNoAuth();
if (why !== undefined) console.warn(`skipped: ${why}`);

describe.skipIf(why !== undefined)(`MLflow's basic-auth app${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let server: RealServer;
  let spoolDir: string;
  const password = 'correct-horse-battery';
  beforeAll(async () => {
    spoolDir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-auth-'));
    const config = path.join(spoolDir, 'auth.ini');
    fs.writeFileSync(
      config,
      [
        '[mlflow]',
        'default_permission = READ',
        `database_uri = sqlite:///${spoolDir}/auth.db`,
        'admin_username = admin',
        `admin_password = ${password}`,
        'authorization_function = mlflow.server.auth:authenticate_request_basic_auth',
        '',
      ].join('\n'),
    );
    server = await startRealServer(python!, {
      args: ['--app-name', 'basic-auth'],
      env: {
        MLFLOW_FLASK_SERVER_SECRET_KEY: 'a-key-for-tests',
        MLFLOW_AUTH_ADMIN_PASSWORD: password,
        MLFLOW_AUTH_CONFIG_PATH: config,
      },
    });
  });
  afterAll(async () => {
    await server?.remove();
    fs.rmSync(spoolDir, { recursive: true, force: true });
  });

  it('takes user name and password from the environment, and delivers a whole run', async () => {
    const env = {
      MLFLOW_TRACKING_URI: server.uri,
      MLFLOW_TRACKING_USERNAME: 'admin',
      MLFLOW_TRACKING_PASSWORD: password,
    };
    const run = await startRun({ spoolDir: path.join(spoolDir, 'spool'), experimentName: 'auth', env });
    run.logMetric('m', 1);
    void run.logText('x', 'a.txt');
    const report = await run.end('FINISHED', { timeoutMs: 60_000 });
    expect(report).toMatchObject({ delivered: true, rejected: 0 });
    expect((await new MlflowClient({ env }).getRun(report.runId!)).data.metrics).toEqual({ m: 1 });
  });

  it('refuses wrong and missing credentials with an error that shows neither', async () => {
    for (const env of [{ MLFLOW_TRACKING_USERNAME: 'admin', MLFLOW_TRACKING_PASSWORD: 'wrong-secret' }, {}]) {
      const client = new MlflowClient({ trackingUri: server.uri, env });
      const error = await client.searchExperiments().catch((caught: unknown) => caught as Error);
      expect(error).toMatchObject({
        kind: 'auth',
        status: 401,
        remedy: expect.stringContaining('MLFLOW_TRACKING_USERNAME') as string,
      });
      expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain('wrong-secret');
    }
  });

  it('a run with wrong credentials goes on, keeps everything, and says why', async () => {
    const run = await startRun({
      spoolDir: path.join(spoolDir, 'refused'),
      trackingUri: server.uri,
      username: 'admin',
      password: 'wrong',
      env: {},
    });
    run.logMetric('m', 1);
    // A loaded server takes its time to look at a password.
    while ((await run.flush({ timeoutMs: 500 })).error?.kind !== 'auth');
    const report = await run.end('FINISHED', { timeoutMs: 500 });
    expect(report).toMatchObject({ delivered: false, error: { kind: 'auth' } });
    expect(report.pendingBytes).toBeGreaterThan(0);
  });
});
