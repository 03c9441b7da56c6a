import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskFailure } from '@lacuna/core';
import type { Shape } from '../../graph/index.js';
import type { Values } from '../engine.js';
import { DONE } from './action-writer.js';
import type { TensorFlow } from './library.js';
import type { SavedModelWriter, Signature } from './saved-model.js';

/** What one input of an action is given; the shape holds as many numbers as there are values. */
export interface Feed {
  readonly values: Float32Array;
  readonly shape: Shape;
}

/** A session of TensorFlow over one written program: its variables stay from run to run. */
export class Session {
  private readonly id: number;
  private readonly signatures: ReadonlyMap<string, Signature>;
  private isOpen = true;

  /** @throws {FailureError} where the program cannot be written to the folder for temporary files. */
  constructor(
    private readonly tf: TensorFlow,
    written: SavedModelWriter,
  ) {
    this.signatures = written.signatures;
    const folder = temporaryFolder();
    try {
      saveModel(folder, written.serialize());
      this.id = tf.loadSavedModel(folder, 'serve');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Runs an action; a feed for each of its inputs. */
  run(name: string, feeds: Readonly<Record<string, Feed>>): Values {
    const { tf } = this;
    const { inputs, outputs } = this.signatures.get(name)!;
    const fed: number[] = [];
    try {
      for (const key of inputs.keys()) fed.push(tf.createTensor([...feeds[key].shape], tf.TF_FLOAT, feeds[key].values));
      const results = tf.runSavedModel(this.id, fed, [...inputs.values()].join(), [...outputs.values()].join());
      const values: Values = {};
      [...outputs.keys()].forEach((key, i) => {
        if (key !== DONE) values[key] = tf.tensorDataSync(results[i].id) as Float32Array;
        tf.deleteTensor(results[i].id);
      });
      return values;
    } finally {
      for (const id of fed) tf.deleteTensor(id);
    }
  }

  dispose(): void {
    if (this.isOpen) this.tf.deleteSavedModel(this.id);
    this.isOpen = false;
  }
}

function saveModel(folder: string, bytes: Uint8Array): void {
  try {
    writeFileSync(join(folder, 'saved_model.pb'), bytes);
  } catch (error) {
    throw diskFailure(
      folder,
      error,
      `${(bytes.length / 1e6).toFixed(1)} MB for the program of a training step`,
      'set TMPDIR to a folder with space',
    );
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), `lacuna-graph-${process.pid}-`));
  } catch (error) {
    throw diskFailure(tmpdir(), error, 'a folder for temporary files', 'set TMPDIR to a folder that may be written');
  }
}
