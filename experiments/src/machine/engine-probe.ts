/**
 * Loads TensorFlow and tells what it found, as JSON on stdout: `node engine-probe.js`. A process of its own, since the
 * library writes to stderr while it loads, and may end its process on a machine that it does not fit.
 */
import { loadTensorFlow } from '@lacuna/models';

/** What the probe prints. */
export interface EngineProbe {
  readonly gpu: boolean;
}

try {
  const gpu = loadTensorFlow().isUsingGpuDevice();
  process.stdout.write(JSON.stringify({ gpu } satisfies EngineProbe));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
