// Logging through the spool beside Python's mlflow client, turn by turn against one local server (SQLite, MLflow's
// four workers). usage: LACUNA_PYTHON=... node tools/bench/mlflow/main.mjs [--points 100000] [--artifacts 10000]
// [--turns 2] [--python-seconds 15] [--away 1000000] [--workers 4] [--quick]
// Python's one-by-one ways are measured for some seconds a turn and given per item: their cost does not depend on how
// many there are.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { benchOptions } from '../options.mjs';
import { logArtifacts, logMetrics, logWhileAway } from './ours.mjs';
import { startPython } from './python.mjs';
import { freePort, launchServer } from '../../../packages/mlflow-ts-client/dist/local-server.js';

const values = benchOptions(
  {
    points: { type: 'string', default: '100000' },
    artifacts: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '2' },
    'python-seconds': { type: 'string', default: '15' },
    away: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: '4' },
  },
  { points: '1000', artifacts: '50', turns: '1', 'python-seconds': '1', away: '10000', workers: '1' },
);
const python = process.env.LACUNA_PYTHON;
if (python === undefined) {
  console.error(
    'LACUNA_PYTHON: got nothing; wanted a Python with mlflow. `npm run setup` makes one and names it in ' +
      '.lacuna/setup.json.',
  );
  process.exit(2);
}
const [points, artifacts, turns, seconds, away] = ['points', 'artifacts', 'turns', 'python-seconds', 'away'].map(
  (name) => Number(values[name]),
);
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-bench-'));
const folder = `${dir}/files`;
const spool = `${dir}/spool`;
for (const [name, count] of [
  ['all', artifacts],
  ['part', 500],
]) {
  fs.mkdirSync(`${folder}/${name}`, { recursive: true });
  for (let index = 0; index < count; index++) fs.writeFileSync(`${folder}/${name}/${index}.txt`, `artifact ${index}`);
}

const totals = new Map();
/** Adds one turn to what a way of logging took so far. */
function add(name, { count, seconds: taken }) {
  const total = totals.get(name) ?? { count: 0, seconds: 0 };
  totals.set(name, { count: total.count + count, seconds: total.seconds + taken });
  console.log(
    `${name.padEnd(48)} ${String(count).padStart(7)} items ${taken.toFixed(2).padStart(8)} s ` +
      `${((1e6 * taken) / count).toFixed(1).padStart(9)} us each`,
  );
}
const each = (name) => totals.get(name).seconds / totals.get(name).count;
const ratio = (theirs, ours) => `${(each(theirs) / each(ours)).toFixed(1)} x`;

const OUR_POINTS = 'here: logMetric, delivered';
const OUR_FILES = 'here: logArtifact, delivered';
const server = launchServer({ python, dir, port: await freePort(), workers: Number(values.workers) });
const failure = await server.ready({ timeoutMs: 150_000 });
if (failure !== null) {
  await server.kill();
  throw new Error(`mlflow server: ${failure}; its log is ${server.log}`);
}
const peer = await startPython(python, server.uri, folder);
try {
  const waits = [];
  for (let turn = 0; turn < turns; turn++) {
    add('Python: log_metric', await peer.log('metrics', points, seconds));
    const ours = await logMetrics(server.uri, spool, points / turns);
    add(OUR_POINTS, ours);
    waits.push(ours);
    add('Python: log_metric(synchronous=False), flushed', await peer.log('metrics-async', 500, seconds));
    add('Python: log_batch of 1,000, by hand', await peer.log('batches', points / turns, seconds));
    add('Python: log_artifact', await peer.log('artifacts', artifacts, seconds));
    add(OUR_FILES, await logArtifacts(server.uri, spool, folder, artifacts / turns));
    add('Python: log_artifacts of a folder', await peer.log('artifact-folder', 500, seconds));
  }
  console.log(
    `metric points: ${ratio('Python: log_metric', OUR_POINTS)} log_metric, ` +
      `${ratio('Python: log_metric(synchronous=False), flushed', OUR_POINTS)} its asynchronous way, ` +
      `${ratio('Python: log_batch of 1,000, by hand', OUR_POINTS)} batches by hand`,
  );
  const waited = waits.map(
    ({ medianUs, p99Us }) => `${medianUs.toFixed(1)} us in the median (99th percentile ${p99Us.toFixed(1)})`,
  );
  console.log(`caller of logMetric waits ${waited.join('; ')}`);
  console.log(
    `artifacts: ${ratio('Python: log_artifact', OUR_FILES)} log_artifact, ` +
      `${ratio('Python: log_artifacts of a folder', OUR_FILES)} log_artifacts of a folder`,
  );
} finally {
  await peer.stop();
  await server.kill();
  fs.rmSync(dir, { recursive: true, force: true });
}
const { journalMb, growthMb, curve } = await logWhileAway(`${os.tmpdir()}/mlflow-bench-away-${process.pid}`, away);
console.log(
  `server away, ${away} points: ${journalMb.toFixed(0)} MB of journal on disk, resident memory ` +
    `${growthMb.toFixed(0)} MB above its level after the first tenth`,
);
console.log(
  'resident memory, MB, after so many points: ' +
    `${curve.map(({ points: logged, mb }) => `${logged}: ${mb.toFixed(0)}`).join(', ')}`,
);
