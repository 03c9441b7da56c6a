import { availableParallelism } from 'node:os';
import { listSupportedBackends } from 'onnxruntime-node';
import { InputError } from '@lacuna/core';

/** Where onnxruntime may compute. */
export const deviceKinds = ['auto', 'cpu', 'cuda', 'webgpu', 'coreml', 'dml'] as const;
export type DeviceKind = (typeof deviceKinds)[number];
type Provider = Exclude<DeviceKind, 'auto'>;

const titles: Record<Provider, string> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  webgpu: 'WebGPU',
  coreml: 'CoreML',
  dml: 'DirectML',
};

/**
 * What `auto` tries before the CPU; WebGPU may be a software renderer, slower than the CPU, and is taken when asked
 * for.
 */
const automatic: readonly Provider[] = ['cuda', 'dml'];

/** Providers to try in turn, and what is said of those that are not. */
export interface DevicePlan {
  readonly candidates: readonly Provider[];
  readonly notes: readonly string[];
}

/**
 * Which providers of this onnxruntime to try for a device.
 * @throws {InputError} for one that this build does not bring.
 */
export function planDevice(
  wanted: DeviceKind,
  backends: readonly { name: string; bundled: boolean }[] = listSupportedBackends(),
): DevicePlan {
  const known = new Map(backends.map(({ name, bundled }) => [name, bundled]));
  if (wanted === 'auto') {
    const found = automatic.filter((kind) => known.get(kind) === true);
    const missing = automatic.filter((kind) => known.get(kind) === false);
    return { candidates: [...found, 'cpu'], notes: missing.map((kind) => `${titles[kind]} is not installed`) };
  }
  if (!known.has(wanted)) {
    const here = [...known.keys()].filter((name) => deviceKinds.some((kind) => kind === name));
    throw new InputError({
      who: '--device',
      got: wanted,
      wanted: `one of auto, ${here.join(', ')} on this machine`,
    });
  }
  return { candidates: [wanted], notes: [] };
}

/** "device: CPU, 2 threads (CUDA is not installed)". */
export function describeDevice(provider: Provider, notes: readonly string[], threads?: number): string {
  const cores = threads ?? availableParallelism();
  const own = provider === 'cpu' ? `CPU, ${cores} thread${cores === 1 ? '' : 's'}` : titles[provider];
  return `device: ${own}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}
