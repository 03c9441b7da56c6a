// Memory of a training step as it is read off the graph, beside what a process needs: each case trains three steps in a
// process of its own, whose largest resident size less that of a process with a tiny model is what the step took.
// usage: node tools/bench/step-memory/run.mjs [case ...]     (needs a build)
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRng } from '../../../packages/core/dist/index.js';
import {
  buildRegime,
  initialVariables,
  modelSpec,
  openEngine,
  predictSizes,
  regimeSpec,
  stepBytes,
} from '../../../packages/models/dist/index.js';
import { stepFeeds } from '../step-feeds.mjs';

const THREADS = 2;
/** Model, batch, LR patch and factor along z, y, x. */
const cases = {
  base: [{ name: 'fsrcnn', d: 2, s: 2, m: 1 }, 1, [4, 4, 4], [1, 2, 2]],
  'fsrcnn-small': [{ name: 'fsrcnn', upsampler: 'shuffle' }, 4, [12, 16, 16], [1, 4, 4]],
  'fsrcnn-large': [{ name: 'fsrcnn', upsampler: 'shuffle' }, 4, [24, 32, 32], [1, 4, 4]],
  'edsr-small': [{ name: 'edsr', blocks: 4, filters: 32 }, 2, [12, 16, 16], [1, 2, 2]],
  'edsr-large': [{ name: 'edsr', blocks: 4, filters: 32 }, 2, [24, 32, 32], [1, 2, 2]],
  'unet-small': [{ name: 'unet' }, 1, [16, 16, 16], [1, 2, 2]],
  'unet-large': [{ name: 'unet' }, 1, [24, 32, 32], [1, 2, 2]],
  'unet3-large': [{ name: 'unet', kernel: 3 }, 1, [24, 32, 32], [1, 2, 2]],
  'rcan-plane': [{ name: 'rcan', groups: 3, blocks: 5 }, 8, [48, 48], [2, 2]],
  'resnet-plane': [{ name: 'resnet-generator', blocks: 6 }, 2, [64, 64], [2, 2]],
  'fsrcnn-plane': [{ name: 'fsrcnn' }, 16, [48, 48], [4, 4]],
  'unet-plane': [{ name: 'unet' }, 8, [64, 64], [2, 2]],
};

function regimeOf([model, batch, patch, factor]) {
  const spec = modelSpec.parse(model);
  return buildRegime(regimeSpec.parse({ kind: 'paired' }), {
    model: spec,
    factor,
    channels: 1,
    batch,
    patch,
    predictSize: predictSizes(spec, factor, patch),
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
    ema: null,
    threshold: null,
    forward: null,
  });
}

async function train(name) {
  const regime = regimeOf(cases[name]);
  const engine = await openEngine({ threads: THREADS });
  const executable = await engine.compile(regime.program);
  await executable.write(initialVariables(regime.program.graph, createRng(0)));
  const feeds = stepFeeds(regime);
  for (let step = 0; step < 3; step++) for (const action of regime.actionsAt(1, 1)) await executable.run(action, feeds);
  console.log(`RESULT ${process.resourceUsage().maxRSS * 1024}`);
}

function measured(name) {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--train', name], {
    encoding: 'utf8',
  });
  const found = /RESULT (\d+)/.exec(stdout);
  if (!found) throw new Error(`${name}: ${stderr.slice(-2000)}`);
  return Number(found[1]);
}

const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(0).padStart(8);

if (process.argv[2] === '--train') await train(process.argv[3]);
else {
  const named = process.argv.slice(2);
  const base = measured('base');
  console.log(`base: ${mebibytes(base)} MiB resident`);
  console.log('case             graph MiB  measured MiB  whole process, graph to measured');
  for (const name of named.length > 0 ? named : Object.keys(cases).slice(1)) {
    const { program, actionsAt } = regimeOf(cases[name]);
    const graph = stepBytes(program, actionsAt(1, 1), THREADS);
    const whole = measured(name);
    const ratio = ((base + graph) / whole).toFixed(2);
    console.log(`${name.padEnd(14)} ${mebibytes(graph)}      ${mebibytes(whole - base)}      ${ratio}`);
  }
}
