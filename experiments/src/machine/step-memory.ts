import { spawnSync } from 'node:child_process';
import { freeMemory } from '@lacuna/core';
import { visibleGpus, type Backend } from './workers.js';

/** Resident bytes of a process that trains a tiny model with TensorFlow, measured: the runtime, Node, compiled code. */
const RUNTIME = 450e6;

/** How far a process may lie above what its graph says; by measurement up to 1.12 times (tools/bench/step-memory). */
const MARGIN = 1.15;

/** Bytes of a trial's process while it trains, data apart; of a GPU, those that the step takes there. */
export function trainingBytes(step: number, { device }: Backend): number {
  return MARGIN * (step + (device === 'GPU' ? 0 : RUNTIME));
}

/** What trials may take: free memory of the machine, or of the GPU that has the least. */
export interface FreeMemory {
  readonly bytes: number;
  /** "memory", "memory of a GPU". */
  readonly of: string;
}

/** Where trials compute, and what is free there. */
export function memoryForTrials({ device }: Backend): FreeMemory {
  const gpu = device === 'GPU' ? freeOfGpus() : null;
  return gpu === null ? { bytes: freeMemory(), of: 'memory' } : { bytes: gpu, of: 'memory of a GPU' };
}

/** The least free memory of the GPUs that trials may use; null where nvidia-smi does not say. */
function freeOfGpus(): number | null {
  const query = spawnSync('nvidia-smi', ['--query-gpu=index,memory.free', '--format=csv,noheader,nounits'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (query.status !== 0) return null;
  const visible = new Set(visibleGpus());
  const free = query.stdout
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .filter(([index, mebibytes]) => visible.has(index) && Number(mebibytes) > 0)
    .map(([, mebibytes]) => Number(mebibytes) * 2 ** 20);
  return free.length > 0 ? Math.min(...free) : null;
}
