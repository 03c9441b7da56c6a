// One process of a run, to be killed: killed-run.mjs, told on its command line as JSON what to log. Each step that is
// journalled whole is written to standard output, in one system call, as a checkpoint would be.
import fs from 'node:fs';
import { startRun } from '../../dist/index.js';
import { applyOp } from './apply-op.mjs';

const { options, steps } = JSON.parse(process.argv[2]);
const run = await startRun({ ...options, env: {} });
for (const [step, ops] of steps.entries()) {
  await Promise.all(ops.map((op) => applyOp(run, op)));
  fs.writeSync(1, `${step}\n`);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await new Promise((resolve) => setTimeout(resolve, 60_000));
