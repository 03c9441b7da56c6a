import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, MlflowInputError, openSpool, startRun, type Transport } from '../src/index.js';
import { startModelServer } from './support/model-server.js';

let dir: string;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-bad-input-'));
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

describe('bad input', () => {
  it('is refused by a run at once, with a remedy, and nothing is journalled', async () => {
    const run = await startRun({ spoolDir: path.join(dir, 'bad'), env: {} });
    expect(() => run.logMetric('a..b/../c', 1)).toThrow(MlflowInputError);
    expect(() => run.logMetric('a%b', 1)).toThrow('wanted a name that MLflow accepts. Rename it');
    expect(() => run.logMetric('a', 1, { step: 1.5 })).toThrow('got the step "1.5"; wanted a whole number');
    expect(() => run.logMetric('a', '1' as never)).toThrow('wanted a number');
    expect(() => run.logParam('x'.repeat(251), 1)).toThrow('got a name of 251 characters; wanted at most 250');
    expect(() => run.logText('x', '../x')).toThrow('wanted a relative path with forward slashes');
    expect(() => run.end('DONE' as never)).toThrow('wanted RUNNING, SCHEDULED, FINISHED, FAILED, KILLED');
    expect(() => run.logTable({ a: [1], b: [] }, 't.json')).toThrow('got columns of 1 and 0 rows');
    await expect(run.logArtifact(path.join(dir, 'nowhere'))).rejects.toThrow('ENOENT');
    await run.end();
    expect(() => run.logMetric('a', 1)).toThrow('something to log after its end');
  });
  it('another living writer of the same run is told apart', async () => {
    await using first = await startRun({ spoolDir: path.join(dir, 'two'), trialKey: 'x', env: {} });
    await expect(startRun({ spoolDir: path.join(dir, 'two'), trialKey: 'x', env: {} })).rejects.toMatchObject({
      kind: 'spool',
    });
    expect(first.resumed).toBe(false);
  });
  it('a server that is not MLflow, or refuses credentials, is named', async () => {
    let status = 200;
    const server = http.createServer((_, response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>hello</html>'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const trackingUri = `http://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new MlflowClient({ trackingUri, env: {}, maxRetries: 0 });
    await expect(client.getRun('x')).rejects.toMatchObject({
      kind: 'protocol',
      remedy: expect.stringContaining('is an MLflow server of version 3') as string,
    });
    status = 401;
    const error = await client.getRun('x').catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ kind: 'auth', status: 401 });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('secret');
    server.close();
  });
  it('a server that is too old is named, and a run keeps everything', async () => {
    const server = http.createServer((request, response) =>
      request.url === '/version'
        ? response.writeHead(200, { 'content-type': 'text/html' }).end('2.9.2')
        : response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><title>404 Not Found</title>'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const trackingUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new MlflowClient({ trackingUri, env: {}, maxRetries: 0 });
    const tooOld = {
      kind: 'version',
      version: '2.9.2',
      message:
        `server: got MLflow "2.9.2" at ${trackingUri}; wanted MLflow 3.0 or newer. ` +
        'Upgrade the server: pip install -U mlflow, then mlflow db upgrade.',
    };
    await expect(client.checkServer()).rejects.toMatchObject(tooOld);
    await expect(client.getLoggedModel('m-1')).rejects.toMatchObject(tooOld);
    const run = await startRun({ spoolDir: path.join(dir, 'old'), trackingUri, env: {} });
    run.logMetric('m', 1);
    const report = await run.end('FINISHED', { timeoutMs: 20_000 });
    expect(report).toMatchObject({ delivered: false, rejected: 0, error: tooOld });
    expect(report.pendingBytes).toBeGreaterThan(0);
    server.close();
  });

  it('names beyond what MLflow keeps are refused before anything is journalled or sent', async () => {
    const spoolDir = path.join(dir, 'long');
    const long = { spoolDir, env: {}, trackingUri: 'http://127.0.0.1:9' };
    await expect(startRun({ ...long, experimentName: 'x'.repeat(257) })).rejects.toThrow(
      'startRun: got a name of 257 characters; wanted at most 256. Shorten it.',
    );
    await expect(startRun({ ...long, runName: 'x'.repeat(251) })).rejects.toThrow('wanted at most 250');
    expect(openSpool(spoolDir).runs()).toEqual([]);
    const client = new MlflowClient(long);
    await expect(client.createExperiment('x'.repeat(257))).rejects.toThrow('wanted at most 256');
    await expect(client.setExperimentTag('1', 'x'.repeat(251), 'v')).rejects.toThrow('wanted at most 250');
    await expect(client.updateRun('1', { runName: '' })).rejects.toThrow('wanted a name');
  });
  it('an experiment that the server refuses, or that is deleted, is said at once and keeps the journal', async () => {
    const server = await startModelServer();
    const deleted = '{"experiment":{"experiment_id":"7","name":"gone","lifecycle_stage":"deleted"}}';
    const refusing: Transport = async ({ method, url, body }) => {
      const canned = Object.entries({
        '/experiments/create': { status: 400, body: '{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}' },
        'get-by-name?experiment_name=gone': { status: 200, body: deleted },
      }).find(([end]) => url.endsWith(end))?.[1];
      const path = url.replace(server.uri, '');
      const sent = Buffer.from(typeof body === 'string' ? body : '');
      const answer = canned ? { ...canned, type: 'application/json' } : server.respond(method, path, sent);
      return {
        status: answer.status,
        contentType: answer.type,
        retryAfter: undefined,
        text: async () => Buffer.from(answer.body).toString(),
        async *chunks() {
          yield Buffer.from(answer.body);
        },
      };
    };
    for (const [experimentName, said] of [
      ['refused', 'INVALID_PARAMETER_VALUE: no'],
      ['gone', '"gone", which is deleted'],
    ] as const) {
      const spoolDir = path.join(dir, experimentName);
      const run = await startRun({ spoolDir, experimentName, trackingUri: server.uri, transport: refusing, env: {} });
      run.logMetric('m', 1);
      // Long before its time is over: nothing would come of trying again.
      const report = await run.end('FINISHED', { timeoutMs: 250_000 });
      expect(report).toMatchObject({ delivered: false, error: { got: expect.stringContaining(said) as string } });
      expect(report.pendingBytes).toBeGreaterThan(0);
    }
    await server.close();
  }, 100_000);
});
