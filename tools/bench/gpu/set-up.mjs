// What a comparison with PyTorch needs: Lacuna's own set-up, and a Python environment with PyTorch beside it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shortHash, withLock } from '../../setup/files.mjs';
import { setUp } from '../../setup/setup.mjs';
import { lastLines, run } from '../../setup/shell.mjs';
import { findPython } from '../../setup/steps/python.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const torchAlone = fileURLToPath(new URL('../train-step/requirements.txt', import.meta.url));

/**
 * Brings TensorFlow (the GPU's where there is one), the binding and the build, as `npm run setup` does.
 * @throws where TensorFlow does not train here, or not on the GPU that is there.
 */
export async function setUpLacuna({ onGpu }) {
  const state = await setUp(root);
  const { kind, device } = state.engine;
  if (kind !== 'tensorflow' || (onGpu && device !== 'gpu'))
    throw new Error(`got ${kind} on the ${device ?? 'CPU'}, wanted TensorFlow${onGpu ? ' on the GPU' : ''}; see above`);
  return state;
}

/**
 * A Python with PyTorch: the one that was given, else an environment in the cache, made once for these requirements.
 * @param {string | undefined} given
 * @param {{ cache: string, requirements?: string }} options where environments are kept, and the list of packages
 * @throws where it has none, or none can be installed.
 */
export async function setUpTorch(given, { cache, requirements = torchAlone }) {
  if (given !== undefined) {
    const { status } = await run(given, ['-c', 'import torch']);
    if (status !== 0) throw new Error(`got --python ${given}, which has no PyTorch; leave it out to have one made`);
    return given;
  }
  const folder = join(cache, `torch-${shortHash(readFileSync(requirements, 'utf8'))}`);
  const python = join(folder, 'bin/python');
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return python;
  mkdirSync(cache, { recursive: true });
  await withLock(folder, async () => {
    if (existsSync(complete)) return;
    const found = await findPython();
    if (found === null) throw new Error('got no Python 3.10 to 3.13, wanted one to install PyTorch for');
    console.log('installing PyTorch with its CUDA libraries: some 3 GB');
    await succeed(found.path, ['-m', 'venv', folder]);
    await succeed(python, ['-m', 'pip', 'install', '--no-cache-dir', '--quiet', '-r', requirements]);
    writeFileSync(complete, '');
  });
  return python;
}

async function succeed(command, args) {
  const { status, output } = await run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${lastLines(output, 3)}`);
}
