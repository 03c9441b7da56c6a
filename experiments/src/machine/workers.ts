import { spawnSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { InputError, cacheFolder } from '@lacuna/core';
import { engineKinds, type EngineKind } from '@lacuna/models';
import { readSetupState } from './setup-state.js';

/** GPUs that trials may use: CUDA_VISIBLE_DEVICES, else what nvidia-smi lists. */
export function visibleGpus(): string[] {
  const named = process.env['CUDA_VISIBLE_DEVICES'];
  if (named !== undefined) return named.split(',').filter((id) => id !== '' && id !== '-1');
  if (process.env['LACUNA_DEVICE'] === 'cpu') return [];
  const query = spawnSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return query.status === 0
    ? query.stdout
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    : [];
}

/** What trials compute with: an engine, on a device. */
export interface Backend {
  readonly engine: EngineKind;
  readonly device: 'GPU' | 'CPU';
}

/** What the trials of a sweep will compute with, as far as can be told without loading an engine. */
export function expectedBackend(): Backend {
  const engine = preferredEngine();
  const setup = readSetupState();
  if (engine !== 'tensorflow' || setup?.engine.kind === 'wasm')
    return { engine: engine === 'cpu' ? 'cpu' : 'wasm', device: 'CPU' };
  return { engine, device: visibleGpus().length > 0 ? 'GPU' : 'CPU' };
}

/** LACUNA_ENGINE names the first engine to try: to leave TensorFlow out, or to test what machines without it do. */
export function preferredEngine(): EngineKind {
  const named = process.env['LACUNA_ENGINE'] || 'tensorflow';
  const kind = engineKinds.find((known) => known === named);
  if (!kind) throw new InputError({ who: 'LACUNA_ENGINE', got: named, wanted: `one of ${engineKinds.join(', ')}` });
  return kind;
}

/** "TensorFlow on the GPU", as people read it. */
export const describeBackend = ({ engine, device }: Backend): string =>
  `${{ tensorflow: 'TensorFlow', wasm: 'WebAssembly', cpu: 'plain JavaScript' }[engine]} on the ${device}`;

/** Memory that a trial's process may need besides its data. */
const BYTES_PER_TRIAL = 1.5e9;

/**
 * Trials side by side: one a GPU, or `perGpu` of them; on a CPU as many as have a core for each of their threads, since
 * small networks gain little from a second thread (docs/decisions) while trials do not wait for one another. Memory
 * sets a limit.
 * @param threads the most that a trial has, as its spec says (`training.threads`).
 */
export function chooseWorkers(trials: number, threads: number, perGpu = 1): number {
  const gpus = visibleGpus().length * perGpu;
  const byCores = Math.floor(availableParallelism() / threads);
  const byMemory = Math.floor(totalmem() / BYTES_PER_TRIAL);
  return Math.max(1, Math.min(gpus > 0 ? gpus : Math.min(byCores, byMemory), trials));
}

/** The environment of a worker's slot: its GPU, where there are some, and {@link compiledModules}. */
export function slotEnvironment(slot: number): Record<string, string> {
  const gpus = visibleGpus();
  return { ...compiledModules(), ...(gpus.length > 0 ? { CUDA_VISIBLE_DEVICES: gpus[slot % gpus.length] } : {}) };
}

/**
 * Where Node keeps what it compiled of a trial's modules for the next trial (from 22.1 on; Node 20 takes no notice): of
 * 0.63 s of the processor that they take to load it saves 0.1 s.
 */
export function compiledModules(): Record<string, string> {
  return { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(cacheFolder(), 'compiled') };
}
