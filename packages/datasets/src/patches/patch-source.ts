import { WorkerThread, workerUrl } from '@lacuna/core';
import type { BatchRequest } from './patch-sampling.js';

/** A map that patches are cut from, on the LR or the HR grid, channels interleaved. */
export interface PatchField {
  readonly name: string;
  readonly data: Float32Array;
  readonly grid: 'lr' | 'hr';
  readonly channels: number;
  /** `double-angle`: two channels, cos and sin of twice a direction, which turn with the image. */
  readonly kind: 'scalar' | 'double-angle';
}

/** One region of which all fields show the same place. */
export interface PatchRegion {
  readonly lrWidth: number;
  readonly lrHeight: number;
  readonly fields: readonly PatchField[];
}

/** Regions that are sampled together; an unpaired regime has two groups, each drawn at places of its own. */
export interface PatchGroup {
  readonly name: string;
  readonly regions: readonly PatchRegion[];
}

/** What {@link createPatchSource} is given. */
export interface PatchSourceOptions {
  readonly groups: readonly PatchGroup[];
  /** Side of an LR patch. */
  readonly patch: number;
  readonly batch: number;
  readonly factor: number;
  readonly augment: 'none' | 'flips' | 'flips-and-rotations';
  readonly seed: number;
  /** Places whose mean of `field` (a mask on the HR grid, say) is below `share` are drawn again, up to eight times. */
  readonly minimumForeground?: { readonly field: string; readonly share: number };
}

/** Batches by step, cut in a worker thread. */
export interface PatchSource {
  /** The batch of a step: a function of the seed and the step alone. Field name to [batch, h, w, channels]. */
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
