import { createRequire } from 'node:module';
import { FailureError } from '@lacuna/core';
import type { Engine } from './engine.js';
import { loadTensorFlow, type LibraryOptions } from './tensorflow/library.js';
import { createTensorFlowEngine } from './tensorflow/engine.js';
import { createTfjsEngine } from './tfjs/engine.js';

/** The engines that {@link openEngine} tries, fastest first. */
export const engineKinds = ['tensorflow', 'wasm', 'cpu'] as const;
export type EngineKind = (typeof engineKinds)[number];

/** An engine, and why it is this one. */
export interface OpenedEngine extends Engine {
  /** One line for people; null where the preferred engine was there. */
  readonly reason: string | null;
}

/** What {@link openEngine} is told. */
export interface OpenEngineOptions extends LibraryOptions {
  /** The first engine to try; those after it follow. TensorFlow by default. */
  readonly prefer?: EngineKind;
}

/**
 * Opens the fastest engine that this machine has, from the preferred one on: TensorFlow, WebAssembly, plain JavaScript.
 * A missing library is no error: `reason` says what was missing and what runs in its place.
 * @throws {FailureError} when none starts.
 */
export async function openEngine(options: OpenEngineOptions = {}): Promise<OpenedEngine> {
  const missing: string[] = [];
  for (const kind of engineKinds.slice(engineKinds.indexOf(options.prefer ?? 'tensorflow'))) {
    try {
      const engine = kind === 'tensorflow' ? createTensorFlowEngine(options) : await createTfjsEngine(kind);
      return {
        ...engine,
        reason: missing.length === 0 ? null : `${engine.description}, because ${missing.join('; ')}`,
      };
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      missing.push(error.message);
    }
  }
  throw new FailureError({
    who: 'openEngine',
    got: missing.join('; '),
    wanted: `one of ${engineKinds.join(', ')}`,
    remedy: 'run npm run setup',
  });
}

/** What runs here, for `doctor` and for the journal of a trial. */
export interface EngineInfo {
  readonly kind: Engine['kind'];
  readonly device: 'GPU' | 'CPU';
  /** TensorFlow's C library, as it reports itself; null off TensorFlow. */
  readonly libraryVersion: string | null;
  /** The npm package that holds the kernels or the binding, with its version. */
  readonly package: string;
  /** oneDNN's convolutions asked for. */
  readonly oneDnn: boolean;
  /** XLA's flags, as the library read them; null for none. */
  readonly xla: string | null;
  /** Threads inside one op and of ops beside each other; null leaves it to the library. */
  readonly threads: { readonly intra: number | null; readonly inter: number | null };
}

/** Facts about an engine that is open. */
export function engineInfo(engine: Engine): EngineInfo {
  const require = createRequire(import.meta.url);
  const holder = engine.kind === 'tensorflow' ? '@tensorflow/tfjs-node-gpu' : `@tensorflow/tfjs-backend-${engine.kind}`;
  const { version } = require(`${holder}/package.json`) as { version: string };
  const none = {
    kind: engine.kind,
    package: `${holder} ${version}`,
    libraryVersion: null,
    oneDnn: false,
    xla: null,
    threads: { intra: null, inter: null },
  };
  if (engine.kind !== 'tensorflow') return { ...none, device: engine.kind === 'webgpu' ? 'GPU' : 'CPU' };
  const tf = loadTensorFlow();
  const number = (name: string) => (process.env[name] === undefined ? null : Number(process.env[name]));
  return {
    ...none,
    device: tf.isUsingGpuDevice() ? 'GPU' : 'CPU',
    libraryVersion: tf.TF_Version,
    oneDnn: process.env['TF_ENABLE_ONEDNN_OPTS'] === '1',
    xla: process.env['TF_XLA_FLAGS'] ?? null,
    threads: { intra: number('TF_NUM_INTRAOP_THREADS'), inter: number('TF_NUM_INTEROP_THREADS') },
  };
}
