import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSpool, startRun, syncSpools, type Transport } from '../src/index.js';
import { startModelServer } from './support/model-server.js';

let dir: string;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-delivery-'));
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

it('an artifact that the server refuses is kept, and named', async () => {
  const server = await startModelServer();
  const refusing = http.createServer((request, response) => {
    if (request.method === 'PUT')
      return void request
        .resume()
        .on('end', () =>
          response
            .writeHead(400, { 'content-type': 'application/json' })
            .end('{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}'),
        );
    const parts: Buffer[] = [];
    request
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        const answer = server.respond(request.method!, request.url!, Buffer.concat(parts));
        response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
      });
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  const named: string[][] = [];
  const run = await startRun({
    spoolDir: path.join(dir, 'refused'),
    trackingUri: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`,
    env: {},
    onEvent: (event) => {
      if (event.type === 'rejected') named.push([...event.files]);
    },
  });
  await run.logBytes(new Uint8Array(100_000).fill(7), 'large.bin');
  await run.logText('small', 'small.txt');
  expect(await run.end('FINISHED', { timeoutMs: 20_000 })).toMatchObject({ delivered: true, rejected: 2 });
  const [{ folder }] = openSpool(path.join(dir, 'refused')).runs();
  const lines = fs
    .readFileSync(path.join(folder, 'rejected.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as { item: { path: string; content: { base64?: string } }; error: string; files: string[] },
    );
  const large = lines.find(({ item }) => item.path === 'large.bin')!;
  expect(named.flat()).toEqual(large.files);
  expect(fs.readFileSync(large.files[0]).equals(Buffer.alloc(100_000, 7))).toBe(true);
  expect(large.error).toContain('INVALID_PARAMETER_VALUE: no');
  expect(
    Buffer.from(lines.find(({ item }) => item.path === 'small.txt')!.item.content.base64!, 'base64').toString(),
  ).toBe('small');
  await server.close();
  refusing.close();
});

it('a server that accepts and never answers holds nobody: the end comes in its time', async () => {
  let asked = 0;
  const silent = http.createServer(() => {
    asked += 1;
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const run = await startRun({
    spoolDir: path.join(dir, 'silent'),
    trackingUri: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    env: {},
    requestTimeoutMs: 250_000,
  });
  run.logMetric('m', 1);
  // Far sooner than the request's own limit, which is longer than this test may take.
  expect(await run.end('FINISHED', { timeoutMs: 300 })).toMatchObject({ delivered: false });
  expect(asked).toBe(1);
  silent.closeAllConnections();
  silent.close();
}, 100_000);

it('a tag that a network held back for longer than settleMs is put right at the end', async () => {
  const server = await startModelServer();
  let held: Buffer | undefined;
  const late = { released: false };
  const transport: Transport = async (request) => {
    const body = Buffer.from(typeof request.body === 'string' ? request.body : '');
    const path = request.url;
    if (path.endsWith('/runs/log-batch') && body.includes('"old"') && held === undefined) {
      held = body;
      throw new Error('socket hang up');
    }
    const answer = server.respond(request.method, path.replace(server.uri, ''), body);
    if (held !== undefined && !late.released && body.includes('"new"')) {
      late.released = true;
      server.respond('POST', '/api/2.0/mlflow/runs/log-batch', held);
    }
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
  const run = await startRun({
    spoolDir: path.join(dir, 'late'),
    trackingUri: server.uri,
    transport,
    env: {},
    delivery: { settleMs: 5, retryBaseMs: 1, retryMaxMs: 2, lingerMs: 0 },
  });
  run.setTag('state', 'old');
  await run.flush();
  run.setTag('state', 'new');
  await run.flush();
  const [stored] = [...server.runs.values()];
  expect([late.released, stored.tags.get('state')]).toEqual([true, 'old']);
  expect(await run.end()).toMatchObject({ delivered: true });
  expect(stored.tags.get('state')).toBe('new');
  await server.close();
});

it('a run without any server is kept, and delivered and reaped later', async () => {
  const server = await startModelServer();
  const spoolDir = path.join(dir, 'later');
  const run = await startRun({ spoolDir, experimentName: 'later', trialKey: 'a', params: { p: 1 }, env: {} });
  for (let step = 0; step < 2500; step++) run.logMetric('m', step, { step });
  expect(await run.suspend({ timeoutMs: 0 })).toMatchObject({ delivered: false });
  expect(openSpool(spoolDir).runs()).toMatchObject([{ active: false, runId: undefined }]);
  expect(await syncSpools(spoolDir, { trackingUri: server.uri, env: {} })).toMatchObject([
    { outcome: 'delivered', reaped: true, rejected: 0 },
  ]);
  const [held] = [...server.runs.values()];
  expect(held.metrics.size).toBe(2500);
  expect(held.info['status']).toBe('KILLED');
  const again = await startRun({ spoolDir, experimentName: 'later', trialKey: 'a', trackingUri: server.uri, env: {} });
  expect([again.resumed, again.runId]).toEqual([true, held.info.run_id]);
  again.logMetric('m', 1, { step: 2499 });
  again.logMetric('m', 1, { step: 2500 });
  expect(await again.end()).toMatchObject({ delivered: true });
  expect([server.runs.size, held.metrics.size, held.info['status']]).toEqual([1, 2501, 'FINISHED']);
  await server.close();
});
