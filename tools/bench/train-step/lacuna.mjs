// Lacuna's side: reads `prepare NAME [PRECISION]`, `step`, `memory`, `parameters` and `gpu`, one a line, and answers
// each with one number: milliseconds, the largest resident size so far in MiB, the parameters of the generator, 1 on a
// GPU and 0 elsewhere.
import { createInterface } from 'node:readline';
import { createRng } from '../../../packages/core/dist/index.js';
import {
  buildRegime,
  createTensorFlowEngine,
  initialVariables,
  modelCost,
  modelSpec,
  regimeSpec,
} from '../../../packages/models/dist/index.js';
import { stepFeeds } from '../step-feeds.mjs';
import { specs } from './cases.mjs';

const [threads, cases, xla] = process.argv.slice(2);
const sizes = Object.fromEntries(
  cases
    .split(',')
    .map((text) => text.split(':'))
    .map(([name, batch, ...sizes]) => [name, [Number(batch), ...sizes.map(byAxis)]]),
);

/** A number for planes; z, y and x of volumes. */
function byAxis(text) {
  const numbers = text.split('x').map(Number);
  return numbers.length === 1 ? numbers[0] : numbers;
}

/** The clock on the wall, or what this process has computed, which other work on the machine changes little. */
function milliseconds() {
  if (process.env.BENCH_CLOCK !== 'cpu') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}
const engine = createTensorFlowEngine({ threads: Number(threads), xla: xla === 'xla' });
let step = null;
let parameters = NaN;

async function prepare(name, precision) {
  const [batch, patch, factor] = sizes[name];
  const gan = name === 'pix2pix' || name === 'cyclegan';
  const regime = buildRegime(regimeSpec.parse(specs[name][1]), {
    model: modelSpec.parse(specs[name][0]),
    factor,
    channels: 1,
    batch,
    patch,
    predictSize: typeof patch === 'number' ? [patch, patch] : patch,
    optimizer: { beta1: gan ? 0.5 : 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
    ema: null,
    threshold: null,
    forward: null,
    precision,
  });
  const executable = await engine.compile(regime.program);
  await executable.write(initialVariables(regime.program.graph, createRng(0)));
  const feeds = stepFeeds(regime);
  step = async () => {
    for (const action of regime.actionsAt(1, 1)) {
      const values = await executable.run(action, feeds);
      for (const pool of regime.pools) if (values[pool.from]) feeds[pool.to] = values[pool.from];
    }
  };
  step.dispose = () => executable.dispose();
  parameters = modelCost(modelSpec.parse(specs[name][0]), { factor, channels: 1 }).parameters;
  await step();
}

/** What is asked beside steps. */
const facts = {
  memory: () => process.resourceUsage().maxRSS / 1024,
  parameters: () => parameters,
  gpu: () => (engine.description.includes('GPU') ? 1 : 0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, name, precision = 'float32'] = line.split(' ');
  const start = milliseconds();
  if (verb === 'prepare') {
    step?.dispose();
    await prepare(name, precision);
  } else if (verb === 'step') await step();
  console.log(facts[verb]?.() ?? milliseconds() - start);
}
