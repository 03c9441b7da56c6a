// Logging through the spool beside Python's mlflow client, turn by turn against one local server (SQLite, one worker).
// usage: node tools/bench/mlflow/main.mjs [--points 100000] [--python-points 2000] [--artifacts 10000] [--python-artifacts 500]
// Python's slow ways are measured on fewer items and given per item, since their cost does not depend on how many there are.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { startRun } from '../../../packages/mlflow-ts-client/dist/index.js';

const { values } = parseArgs({ options: {
  points: { type: 'string', default: '100000' }, 'python-points': { type: 'string', default: '2000' },
  artifacts: { type: 'string', default: '10000' }, 'python-artifacts': { type: 'string', default: '500' },
} });
const python = process.env.LACUNA_PYTHON ?? fileURLToPath(new URL('../../../.lacuna/venv/bin/python', import.meta.url));
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-bench-'));
const port = await new Promise((resolve) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address();
    probe.close(() => resolve(free));
  });
});
const uri = `http://127.0.0.1:${port}`;
const env = { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };
const server = spawn(python, ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1',
  '--backend-store-uri', `sqlite:///${dir}/mlflow.db`, '--artifacts-destination', `${dir}/artifacts`], { env, detached: true, stdio: 'ignore', cwd: dir });

const byPython = (kind, count) => Number(execFileSync(python, [fileURLToPath(new URL('./bench.py', import.meta.url)), uri, kind, String(count), `${dir}/files`], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split('\n').findLast((line) => /^[\d.e-]+$/.test(line)));

async function ourMetrics(count) {
  const run = await startRun({ trackingUri: uri, spoolDir: `${dir}/spool`, experimentName: 'bench', env: {} });
  const waits = new Float64Array(count);
  const start = performance.now();
  for (let step = 0; step < count; step++) {
    const before = performance.now();
    run.logMetric('m', step / 7, { step });
    waits[step] = performance.now() - before;
    if (step % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const report = await run.end('FINISHED', { timeoutMs: 600_000 });
  if (!report.delivered || report.rejected > 0) throw new Error(`not delivered: ${report.error?.message}`);
  waits.sort();
  return { seconds: (performance.now() - start) / 1000, medianUs: 1000 * waits[count >> 1], p99Us: 1000 * waits[Math.floor(count * 0.99)] };
}

async function ourArtifacts(count) {
  const run = await startRun({ trackingUri: uri, spoolDir: `${dir}/spool`, experimentName: 'bench', env: {} });
  const start = performance.now();
  for (let index = 0; index < count; index++) await run.logArtifact(`${dir}/files/${index}.txt`);
  const report = await run.end('FINISHED', { timeoutMs: 600_000 });
  if (!report.delivered || report.rejected > 0) throw new Error(`not delivered: ${report.error?.message}`);
  return (performance.now() - start) / 1000;
}

try {
  const deadline = Date.now() + 150_000;
  while (!(await fetch(`${uri}/health`).then((answer) => answer.ok, () => false))) {
    if (Date.now() > deadline) throw new Error('the server did not start');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const points = Number(values.points);
  const artifacts = Number(values.artifacts);
  fs.mkdirSync(`${dir}/files`);
  for (let index = 0; index < artifacts; index++) fs.writeFileSync(`${dir}/files/${index}.txt`, `artifact ${index}`);
  const perItem = (name, seconds, count) => {
    console.log(`${name.padEnd(46)} ${String(count).padStart(7)} items ${seconds.toFixed(2).padStart(8)} s ${((1e6 * seconds) / count).toFixed(1).padStart(9)} us each`);
    return seconds / count;
  };
  const few = Number(values['python-points']);
  const sync = perItem('Python mlflow.log_metric', byPython('metric', few), few);
  const ours = await ourMetrics(points);
  const mine = perItem('here, run.logMetric, delivered', ours.seconds, points);
  const async_ = perItem('Python log_metric(synchronous=False), flushed', byPython('metric-async', 10 * few), 10 * few);
  const batch = perItem('Python log_batch of 1,000, by hand', byPython('batch', points), points);
  console.log(`metrics: ${(sync / mine).toFixed(1)} x log_metric, ${(async_ / mine).toFixed(1)} x its asynchronous way, ${(batch / mine).toFixed(2)} x batches by hand`);
  console.log(`caller of logMetric waits ${ours.medianUs.toFixed(1)} us in the median, ${ours.p99Us.toFixed(1)} us at the 99th percentile`);
  const fewFiles = Number(values['python-artifacts']);
  const theirs = perItem('Python mlflow.log_artifact', byPython('artifact', fewFiles), fewFiles);
  const files = perItem('here, run.logArtifact, delivered', await ourArtifacts(artifacts), artifacts);
  console.log(`artifacts: ${(theirs / files).toFixed(1)} x`);
  console.log(`resident memory of this process at its highest: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
} finally {
  process.kill(-server.pid, 'SIGKILL');
  await new Promise((resolve) => server.once('exit', resolve));
  fs.rmSync(dir, { recursive: true, force: true });
}
