import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../src/index.js';
import { MlflowClient, MlflowInputError, openSpool, startRun, syncSpools, tableToJson, where } from '../src/index.js';
import { resolveConfig } from '../src/config.js';
import { imagePaths } from '../src/fluent/image.js';
import { parseNvidiaSmi } from '../src/fluent/system-metrics.js';
import { crc32 } from '../src/spool/crc32.js';
import { decodeRecord, encodeRecord } from '../src/spool/record.js';
import { startModelServer } from './support/model-server.js';

let dir: string;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-units-'));
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

it('the public API is this', () => {
  expect(Object.keys(api).sort()).toEqual([
    'Filter',
    'LIMITS',
    'LOGGED_MODEL_STATUSES',
    'LocalArtifacts',
    'MlflowAuthError',
    'MlflowClient',
    'MlflowConnectionError',
    'MlflowError',
    'MlflowInputError',
    'MlflowProtocolError',
    'MlflowServerError',
    'MlflowSpoolError',
    'MlflowVersionError',
    'OLDEST_SERVER',
    'ProxiedArtifacts',
    'RUN_STATUSES',
    'Run',
    'SystemSampler',
    'openArtifacts',
    'openSpool',
    'startRun',
    'syncSpools',
    'tableToJson',
    'where',
    'withRun',
  ]);
});

describe('journal lines', () => {
  it('carry the CRC-32 of gzip', () => {
    // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });
  it('come back as written, and not at all where a byte is altered or missing', () => {
    const record = { t: 'tag', k: 'ü', v: 'line\nbreak' } as const;
    const line = encodeRecord(record).subarray(0, -1);
    expect(decodeRecord(line)).toEqual(record);
    for (let cut = 0; cut < line.length; cut++) expect(decodeRecord(line.subarray(0, cut))).toBeUndefined();
    for (let at = 9; at < line.length; at++) {
      const altered = Buffer.from(line);
      altered[at] ^= 1;
      expect(decodeRecord(altered)).toBeUndefined();
    }
  });
});

describe('filters', () => {
  it('quote names and values', () => {
    expect(
      `${where
        .metric('val/psnr', '>', 30)
        .and(where.tag('a b', '=', "it's"))
        .and(where.param('lr', '!=', '1'))}`,
    ).toBe("metrics.`val/psnr` > 30 AND tags.`a b` = \"it's\" AND params.`lr` != '1'");
  });
  it('refuse what MLflow cannot say', () => {
    expect(() => where.tag('a`b', '=', 'x')).toThrow('wanted a name without backticks');
    expect(() => where.tag('a', '=', `'"`)).toThrow('wanted a value without both kinds of quotes');
    expect(() => where.metric('a', '>', NaN)).toThrow('wanted a finite number');
  });
});

describe('configuration', () => {
  it("reads MLflow's variables, options first", () => {
    const env = {
      MLFLOW_TRACKING_URI: 'https://u:p@host/base/',
      MLFLOW_TRACKING_INSECURE_TLS: 'true',
      MLFLOW_HTTP_REQUEST_TIMEOUT: '3',
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '2',
    };
    expect(resolveConfig({ env })).toEqual({
      baseUrl: 'https://host/base',
      authorization: `Basic ${btoa('u:p')}`,
      insecureTls: true,
      requestTimeoutMs: 3000,
      maxRetries: 2,
      retryBaseMs: 500,
    });
    expect(resolveConfig({ env: { MLFLOW_TRACKING_TOKEN: 't' }, trackingUri: 'http://h' }).authorization).toBe(
      'Bearer t',
    );
  });
  it('logs in as Python does: by name and password together, else by token', () => {
    const of = (env: Record<string, string>): string | undefined =>
      resolveConfig({ env, trackingUri: 'http://h' }).authorization;
    const [name, password, token] = [
      { MLFLOW_TRACKING_USERNAME: 'u' },
      { MLFLOW_TRACKING_PASSWORD: 'p' },
      { MLFLOW_TRACKING_TOKEN: 't' },
    ];
    expect([
      of({ ...name, ...password, ...token }),
      of({ ...name, ...token }),
      of({ ...password, ...token }),
      of(name),
      of({}),
    ]).toEqual([`Basic ${btoa('u:p')}`, 'Bearer t', 'Bearer t', undefined, undefined]);
    expect(() => of({ MLFLOW_TRACKING_INSECURE_TLS: 'yes' })).toThrow(
      'MLFLOW_TRACKING_INSECURE_TLS: got "yes"; wanted true, false, 1 or 0',
    );
    expect(resolveConfig({ env: { MLFLOW_TRACKING_INSECURE_TLS: 'FALSE' }, trackingUri: 'http://h' }).insecureTls).toBe(
      false,
    );
  });
  it('says what is wrong, and never the password', () => {
    expect(() => resolveConfig({ env: {} })).toThrow(
      'trackingUri: got nothing; wanted the address of an MLflow server. Start `mlflow server`',
    );
    expect(() => resolveConfig({ env: {}, trackingUri: 'sqlite:///x' })).toThrow('wanted http: or https:');
    expect(() => resolveConfig({ env: {}, trackingUri: 'http://user:secret@' })).toThrow(
      expect.not.stringContaining('secret') as never,
    );
    expect(() => resolveConfig({ env: { MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon' }, trackingUri: 'http://h' })).toThrow(
      'MLFLOW_HTTP_REQUEST_TIMEOUT: got "soon"',
    );
  });
});

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
});

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
  const transport: api.Transport = async (request) => {
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

it('tables become pandas split JSON', () => {
  expect(tableToJson([{ a: 1 }, { a: 2, b: 'x' }])).toBe('{"columns":["a","b"],"data":[[1,null],[2,"x"]]}');
  expect(tableToJson({ a: [1, 2], b: [NaN, 'x'] })).toBe('{"columns":["a","b"],"data":[[1,null],[2,"x"]]}');
});

it('image files have the names that the grid looks for', () => {
  const { png, webp } = imagePaths('test/sr x4', 3, 99);
  expect(png).toMatch(/^images\/test~sr x4\+step\+3\+timestamp\+99\+[0-9a-f-]{36}\.png$/);
  expect(webp).toBe(png.replace(/\.png$/, '+compressed.webp'));
});

it("nvidia-smi lines become MLflow's GPU metrics", () => {
  expect(parseNvidiaSmi('0, 45, 1000, 4000, 120.5\n1, [N/A], 0, 100, [N/A]\n')).toEqual({
    'system/gpu_0_utilization_percentage': 45,
    'system/gpu_0_memory_usage_megabytes': 1048.576,
    'system/gpu_0_memory_usage_percentage': 25,
    'system/gpu_0_power_usage_watts': 120.5,
    'system/gpu_1_memory_usage_megabytes': 0,
    'system/gpu_1_memory_usage_percentage': 0,
  });
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
