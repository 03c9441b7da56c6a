import { WorkerThread, workerUrl } from '@lacuna/core';
import type { BatchRequest, PatchSourceOptions } from './patch-types.js';

/** Batches by step, cut in a worker thread. */
export interface PatchSource {
  /**
   * The batch of a step: a function of the seed and the step alone. Field name to [batch, h, w, channels] of planes,
   * [batch, d, h, w, channels] of volumes.
   */
  batch(step: number): Promise<Record<string, Float32Array>>;
  close(): Promise<void>;
}

/** Starts a worker thread that holds the regions (shared memory, no copies) and cuts seeded, augmented patches. */
export function createPatchSource(options: PatchSourceOptions): PatchSource {
  const shared: PatchSourceOptions = {
    ...options,
    groups: options.groups.map((group) => ({
      ...group,
      regions: group.regions.map((region) => ({
        ...region,
        fields: region.fields.map((field) => ({ ...field, data: share(field.data) })),
      })),
    })),
  };
  const thread = new WorkerThread<BatchRequest, Record<string, Float32Array>>(
    workerUrl(import.meta.url, './patch-worker.js'),
    { workerData: shared },
  );
  return { batch: (step) => thread.run({ step }), close: () => thread.close() };
}

function share(data: Float32Array): Float32Array {
  const out = new Float32Array(new SharedArrayBuffer(data.byteLength));
  out.set(data);
  return out;
}
