import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPython } from '../export/python.js';
import { ensureTrackingServer, stopTrackingServer, trackingServerStatus } from '../../src/tracking/server.js';

let dir: string;
let python: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tracking-server-'));
  python = join(dir, 'python');
  // Stands in for MLflow's process: takes its command line, answers /health, notes each start.
  writeFileSync(
    python,
    `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv;
appendFileSync(${JSON.stringify(join(dir, 'starts'))}, JSON.stringify(args.slice(2)) + '\\n');
const port = Number(args[args.indexOf('--port') + 1]);
require('node:http').createServer((q, a) => a.end(q.url === '/health' ? 'OK' : '')).listen(port, '127.0.0.1');
`,
  );
  chmodSync(python, 0o755);
});
afterEach(async () => {
  await stopTrackingServer(join(dir, 'mlflow'));
  rmSync(dir, { recursive: true, force: true });
});

const starts = (): string[][] =>
  readFileSync(join(dir, 'starts'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[]);
const occupy = (): Promise<{ server: Server; port: number }> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () =>
      done({ server, port: (server.address() as { port: number }).port }),
    );
  });

test('starts one server for two callers at once, with absolute paths, and finds it again', async () => {
  const options = { dir: join(dir, 'mlflow'), python, port: 15_210 };
  const [a, b] = await Promise.all([ensureTrackingServer(options), ensureTrackingServer(options)]);
  if ('unavailable' in a) throw new Error(a.unavailable);
  if ('unavailable' in b) throw new Error(b.unavailable);
  expect(a.uri).toBe(b.uri);
  expect([a.started, b.started].sort()).toEqual([false, true]);
  expect(starts()).toHaveLength(1);
  expect(starts()[0]).toContain(`sqlite:///${join(dir, 'mlflow/mlflow.db')}`);
  expect(await trackingServerStatus(options.dir)).toMatchObject({
    running: true,
    healthy: true,
    uri: a.uri,
    pid: a.pid,
  });
  expect(await stopTrackingServer(options.dir)).toBe(true);
  expect(await trackingServerStatus(options.dir)).toMatchObject({ running: false, uri: null });
});

test('a port in use by another program is passed over', async () => {
  const { server, port } = await occupy();
  const result = await ensureTrackingServer({ dir: join(dir, 'mlflow'), python, port });
  server.close();
  expect(result).toMatchObject({ started: true });
  if ('uri' in result) expect(result.uri).not.toBe(`http://127.0.0.1:${port}`);
});

test('the port is kept after a restart', async () => {
  const options = { dir: join(dir, 'mlflow'), python, port: 15_310 };
  const first = await ensureTrackingServer(options);
  await stopTrackingServer(options.dir);
  const second = await ensureTrackingServer({ ...options, port: 15_410 });
  expect(second).toMatchObject({ started: true, uri: 'uri' in first ? first.uri : '' });
});

test('a process id that now belongs to another program is not taken for the server', async () => {
  const options = { dir: join(dir, 'mlflow'), python, port: 15_510 };
  execFileSync('mkdir', ['-p', options.dir]);
  writeFileSync(join(options.dir, 'server.json'), JSON.stringify({ pid: process.pid, port: 15_510 }));
  expect(await ensureTrackingServer(options)).toMatchObject({ started: true });
});

test('a server that ends at once gives the reason and its log', async () => {
  writeFileSync(python, `#!${process.execPath}\nconsole.error('No module named mlflow'); process.exit(1);\n`);
  const result = await ensureTrackingServer({ dir: join(dir, 'mlflow'), python });
  expect(result).toEqual({
    unavailable: expect.stringMatching(/exit status 1; its log is .*server\.log \(No module named mlflow\)/) as string,
  });
});

test('without MLflow it says so', async () => {
  expect(await ensureTrackingServer({ dir: join(dir, 'mlflow'), python: null })).toEqual({
    unavailable: expect.stringContaining('npm run setup') as string,
  });
});

test("its folder is the user's alone", async () => {
  const options = { dir: join(dir, 'mlflow'), python, port: 15_610 };
  await ensureTrackingServer(options);
  expect(statSync(options.dir).mode & 0o777).toBe(0o700);
});

test.skipIf(process.platform !== 'linux')(
  'a worker whose server was killed is ended, never left beside a second server',
  async () => {
    // As MLflow does: the server starts a worker in its group, and the worker has the port.
    writeFileSync(
      python,
      `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv;
const worker = ${JSON.stringify(
        "require('node:http').createServer((q, a) => a.end('OK')).listen(Number(process.argv[1]), '127.0.0.1');",
      )};
const child = require('node:child_process').spawn(process.execPath, ['-e', worker, args[args.indexOf('--port') + 1]]);
appendFileSync(${JSON.stringify(join(dir, 'starts'))}, JSON.stringify([String(child.pid)]) + '\\n');
setInterval(() => undefined, 1000);
`,
    );
    const options = { dir: join(dir, 'mlflow'), python, port: 15_710 };
    const first = await ensureTrackingServer(options);
    if ('unavailable' in first) throw new Error(first.unavailable);
    const worker = Number(starts()[0][0]);
    process.kill(first.pid, 'SIGKILL');
    await until(async () => (await trackingServerStatus(options.dir)).orphaned);
    expect(await trackingServerStatus(options.dir)).toMatchObject({ running: true, orphaned: true, healthy: true });

    const second = await ensureTrackingServer(options);
    expect(second).toMatchObject({ started: true, uri: first.uri });
    await until(() => !isRunning(worker));
    expect(await trackingServerStatus(options.dir)).toMatchObject({ running: true, orphaned: false });

    if ('unavailable' in second) throw new Error(second.unavailable);
    const secondWorker = Number(starts()[1][0]);
    process.kill(second.pid, 'SIGKILL');
    await until(async () => (await trackingServerStatus(options.dir)).orphaned);
    expect(await stopTrackingServer(options.dir)).toBe(true);
    expect(isRunning(secondWorker)).toBe(false);
    expect(await stopTrackingServer(options.dir)).toBe(false);
    expect(await trackingServerStatus(options.dir)).toMatchObject({ running: false, orphaned: false });
  },
);

const mlflow = process.platform === 'linux' ? findPython('mlflow') : undefined;
test.skipIf(mlflow === undefined)(
  "MLflow's worker is its server's process: where that is killed none stays behind, and the port is free",
  async () => {
    const options = { dir: join(dir, 'mlflow'), python: mlflow!, port: 15_810 };
    const server = await ensureTrackingServer(options);
    if ('unavailable' in server) throw new Error(server.unavailable);
    process.kill(server.pid, 'SIGKILL');
    await until(() => !isRunning(server.pid));
    expect(await trackingServerStatus(options.dir)).toMatchObject({ running: false, orphaned: false });
    await expect(fetch(`${server.uri}/health`)).rejects.toThrow('fetch failed');
  },
  300_000,
);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Not so for a process that has ended and that its parent did not ask after. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
