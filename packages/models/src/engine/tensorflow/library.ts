import { createRequire } from 'node:module';
import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding.js';
import { FailureError } from '@lacuna/core';

/** What the stock binding offers: sessions of saved models, and the tensors that go in and come out. */
export type TensorFlow = TFJSBinding;

/** The binding, where set-up puts it (N-API 8). */
const BINDING = '@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node';

/** How TensorFlow's library is set up; read once, when it loads, for the whole process. */
export interface LibraryOptions {
  /** Threads inside one op, and ops at one time; TensorFlow's own choice (all cores) when left out. */
  readonly threads?: number;
  /** Compile clusters of ops with XLA. Pays for large networks whose steps repeat; costs seconds at the first step. */
  readonly xla?: boolean;
}

let loaded: TensorFlow | null = null;

/**
 * Loads the stock binding by itself: the package around it would load all of tfjs, whose kernels no program here calls,
 * and doubles the time.
 * @throws {FailureError} when it is not built or its library does not load.
 */
export function loadTensorFlow(options: LibraryOptions = {}): TensorFlow {
  if (loaded) return loaded;
  // oneDNN's blocked convolutions: 34 to 19 ms for a step of a small network (docs/decisions).
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // Bit-for-bit repeatable kernels on a GPU as well.
  process.env['TF_DETERMINISTIC_OPS'] ??= '1';
  if (options.xla) process.env['TF_XLA_FLAGS'] ??= '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit';
  if (options.threads !== undefined) {
    process.env['TF_NUM_INTRAOP_THREADS'] ??= String(options.threads);
    // Small kernels gain nothing from a second thread, but a backward pass has two independent ops for every layer:
    // side by side, a step of FSRCNN takes 43 ms in place of 63, of the U-Net 900 in place of 1,120 (two cores).
    // Results do not depend on it: what an op is given and the order of updates are fixed by the graph.
    process.env['TF_NUM_INTEROP_THREADS'] ??= String(options.threads);
    process.env['OMP_NUM_THREADS'] ??= String(options.threads);
  }
  try {
    loaded = createRequire(import.meta.url)(BINDING) as TensorFlow;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new FailureError(
      {
        who: 'TensorFlow',
        got: reason,
        wanted: 'its compiled binding and C library',
        remedy: 'run npm run setup, which builds them and says what is missing',
      },
      { cause: error },
    );
  }
  return loaded;
}
