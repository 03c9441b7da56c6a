// What was measured on, for the head of the table.
import { cpus } from 'node:os';
import { run } from '../../setup/shell.mjs';
import { tensorflowVersion } from '../../setup/pins.mjs';

/** @returns {Promise<string>} one line. */
export async function describeMachine({ device, rounds, quick }, { torch, cuda, threads }) {
  const date = new Date().toISOString().slice(0, 10);
  const where = device === 'gpu' ? await describeGpu() : `${cpus()[0].model.trim()}, ${threads} threads`;
  const versions = `TensorFlow ${tensorflowVersion}, PyTorch ${torch}${cuda === null ? '' : ` (CUDA ${cuda})`}`;
  return `${where}; ${versions}; ${date}, median of ${rounds} steps${quick ? '; quick: nothing worth keeping' : ''}`;
}

async function describeGpu() {
  const { output } = await run('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']);
  const [name, driver] = output.split('\n')[0].split(', ');
  return `${name}, driver ${driver}`;
}
