// Training steps of every architecture on a GPU, Lacuna's and PyTorch's in turn: sets up what both need, measures,
// writes a table.
//   node tools/bench/gpu/run.mjs [--out FILE.md] [--models edsr,edsr3d] [--rounds 30] [--device cpu] [--python FILE]
//     [--compile] [--quick]
import { writeFileSync } from 'node:fs';
import { benchOptions } from '../options.mjs';
import { cases } from '../train-step/cases.mjs';
import { describeMachine } from './machine.mjs';
import { findSides, measure } from './measure.mjs';
import { setUpLacuna, setUpTorch } from './set-up.mjs';
import { tableOf } from './table.mjs';
import { hasGpu } from '../../setup/steps/tensorflow.mjs';

/** What a shell can tell from a mistake (2) and a failure (1). */
const NO_GPU = 3;

const names = cases.map((text) => text.split(':')[0]);
const options = benchOptions(
  {
    device: { type: 'string', default: 'gpu' },
    models: { type: 'string', default: names.join(',') },
    rounds: { type: 'string', default: '30' },
    out: { type: 'string' },
    python: { type: 'string' },
    compile: { type: 'boolean', default: false },
  },
  { models: 'fsrcnn,span3d', rounds: '2' },
);

function fail(message, status) {
  console.error(`bench gpu: ${message}`);
  process.exit(status);
}

const unknown = options.models.split(',').find((name) => !names.includes(name));
if (unknown !== undefined) fail(`got --models ${unknown}, wanted some of ${names.join(', ')}`, 2);
if (!['gpu', 'cpu'].includes(options.device)) fail(`got --device ${options.device}, wanted gpu or cpu`, 2);
if (!(Number(options.rounds) >= 1)) fail(`got --rounds ${options.rounds}, wanted a number from 1 on`, 2);
if (options.device === 'gpu' && !(await hasGpu()))
  fail(
    'got no NVIDIA GPU that nvidia-smi shows, wanted one; nothing was measured. Run it where there is a GPU; ' +
      '--device cpu --quick shows here that the rest of it works',
    NO_GPU,
  );

const onGpu = options.device === 'gpu';
const sides = await prepare();
const machine = await describeMachine(options, sides.versions);
const rows = [];
for (const name of options.models.split(',')) {
  const row = await measure(sides, { name, rounds: Number(options.rounds), compile: options.compile });
  rows.push(row);
  console.log(`${name}: ${row.failed ?? `${row.lacuna.toFixed(2)} ms, PyTorch ${row.torch.toFixed(2)} ms`}`);
}
const table = tableOf(machine, rows);
console.log(`\n${table}`);
if (options.out !== undefined) writeFileSync(options.out, table);
process.exit(rows.some(({ failed }) => failed !== undefined) ? 1 : 0);

/** Everything that both sides need, and how they are started. */
async function prepare() {
  try {
    const state = await setUpLacuna({ onGpu });
    const python = await setUpTorch(options.python, state);
    return await findSides({ python, onGpu });
  } catch (error) {
    return fail(error.message, 1);
  }
}
