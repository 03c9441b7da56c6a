/** A model as tiles see it: planes in [0, 1], channels last. */
export interface TileModel {
  readonly factor: number;
  readonly channels: number;
  /** Height and width of a tile are multiples of this. */
  readonly multiple: number;
  /** LR pixels to either side on which an SR pixel depends; null where a layer looks at the whole image. */
  readonly halo: number | null;
  /** Planes that `run` gives: 1, or 2 where a spread comes with the mean. */
  readonly outputs: number;
  /** Bytes of working memory for one LR pixel of a tile, about. */
  readonly bytesPerPixel: number;
  /**
   * [height][width][channels] to planes of [height·factor][width·factor][channels]. The planes may be overwritten by
   * the next call.
   * @throws {OutOfMemory} where the tile is too large for the device.
   */
  run(tile: Float32Array, height: number, width: number): Promise<readonly Float32Array[]>;
  /** Gives back the memory that earlier tiles made the device keep. */
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

/** A tile did not fit into memory; a smaller one may. */
export class OutOfMemory extends Error {
  constructor(reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.name = 'OutOfMemory';
  }
}

/** What runtimes and drivers write when memory ran out. */
const memoryMessages = [
  'bad_alloc',
  'bad allocation',
  'out of memory',
  'failed to allocate',
  'allocation failed',
  'CUDA_ERROR_OUT_OF_MEMORY',
  'Array buffer allocation',
  'Invalid typed array length',
  'Available memory of \\d+ is smaller',
];
const MEMORY = new RegExp(memoryMessages.join('|'), 'i');

/** Whether an error of a runtime says that memory ran out. */
export function isOutOfMemory(error: unknown): boolean {
  return MEMORY.test(error instanceof Error ? error.message : String(error));
}
