import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@lacuna/core';
import { readTensorFile, writeTensorFile, type TensorFile } from './safetensors.js';

/** Where the loop stands, besides arrays. */
export interface LoopState {
  readonly step: number;
  readonly bestScore: number | null;
  readonly bestStep: number | null;
  readonly validationsWithoutBetter: number;
  /** Images in each pool. */
  readonly pooled: readonly number[];
  readonly alarms: Readonly<Record<string, number>>;
}

/** Name of the file beside a model that has the heads of its training. */
export const HEADS_FILE = 'heads.safetensors';

/** A trial's checkpoints: the last, the one before it (should the last be damaged), and the best model. */
export class CheckpointStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get bestPath(): string {
    return join(this.folder, 'best.safetensors');
  }

  /** Heads that helped to train the best model; of the regimes that have some. */
  get headsPath(): string {
    return join(this.folder, HEADS_FILE);
  }

  get lastPath(): string {
    return join(this.folder, 'last.safetensors');
  }

  private get previousPath(): string {
    return join(this.folder, 'previous.safetensors');
  }

  saveLast(tensors: TensorFile['tensors'], state: LoopState): void {
    if (existsSync(this.lastPath)) renameSync(this.lastPath, this.previousPath);
    writeTensorFile(this.lastPath, {
      tensors,
      metadata: { format: 'lacuna-checkpoint-1', state: JSON.stringify(state) },
    });
  }

  /**
   * The newest checkpoint that is whole, or null. `onDamaged` is told of each that is there and is not whole; it is
   * removed, lest it take the place of the one before.
   */
  loadLast(
    onDamaged: (reason: string) => void = () => undefined,
  ): { tensors: TensorFile['tensors']; state: LoopState } | null {
    for (const path of [this.lastPath, this.previousPath]) {
      if (!existsSync(path)) continue;
      try {
        const { tensors, metadata } = readTensorFile(path);
        return { tensors, state: JSON.parse(metadata['state'] ?? '') as LoopState };
      } catch (error) {
        if (!(error instanceof InputError || error instanceof SyntaxError)) throw error;
        onDamaged(
          error instanceof InputError ? error.message : `${path}: got no state of the loop, wanted a checkpoint`,
        );
        rmSync(path);
      }
    }
    return null;
  }

  saveModel(path: string, tensors: TensorFile['tensors'], metadata: Readonly<Record<string, string>>): void {
    writeTensorFile(path, { tensors, metadata });
  }
}
