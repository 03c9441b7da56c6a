import fs from 'node:fs';
import { startRun } from '../../../packages/mlflow-ts-client/dist/index.js';

async function delivered(run) {
  const report = await run.end('FINISHED', { timeoutMs: 900_000 });
  if (!report.delivered || report.rejected > 0) throw new Error(`not delivered: ${report.error?.message}`);
}

/** Points of one metric, delivered; each call's wait is timed. */
export async function logMetrics(uri, spoolDir, count) {
  const run = await startRun({ trackingUri: uri, spoolDir, experimentName: 'bench', env: {} });
  const waits = new Float64Array(count);
  const start = performance.now();
  for (let step = 0; step < count; step++) {
    const before = performance.now();
    run.logMetric('m', step / 7, { step });
    waits[step] = performance.now() - before;
    // A training loop gives the event loop its turns too.
    if (step % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await delivered(run);
  const seconds = (performance.now() - start) / 1000;
  waits.sort();
  return { count, seconds, medianUs: 1000 * waits[count >> 1], p99Us: 1000 * waits[Math.floor(count * 0.99)] };
}

/** Small files, delivered. */
export async function logArtifacts(uri, spoolDir, folder, count) {
  const run = await startRun({ trackingUri: uri, spoolDir, experimentName: 'bench', env: {} });
  const start = performance.now();
  for (let index = 0; index < count; index++) await run.logArtifact(`${folder}/all/${index}.txt`);
  await delivered(run);
  return { count, seconds: (performance.now() - start) / 1000 };
}

/** Logs while no server is there: what grows is the journal on disk. Sizes in MB. */
export async function logWhileAway(spoolDir, count) {
  // Port 9 (discard) refuses connections.
  const run = await startRun({
    trackingUri: 'http://127.0.0.1:9',
    spoolDir,
    experimentName: 'away',
    env: {},
    trialKey: 'away',
  });
  const rss = () => process.memoryUsage.rss() / 1e6;
  let before = 0;
  let highest = 0;
  const curve = [];
  for (let step = 0; step < count; step++) {
    run.logMetric('m', step / 7, { step });
    if (step % 1000 !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    // The first tenth warms the heap up.
    if (step * 10 <= count) before = Math.max(before, rss());
    highest = Math.max(highest, rss());
    if (step >= (count / 10) * curve.length) curve.push({ points: step, mb: rss() });
  }
  curve.push({ points: count, mb: rss() });
  const { pendingBytes } = await run.suspend({ timeoutMs: 0 });
  fs.rmSync(spoolDir, { recursive: true, force: true });
  return { journalMb: pendingBytes / 1e6, growthMb: highest - before, curve };
}
