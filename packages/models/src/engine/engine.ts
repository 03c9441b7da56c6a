import type { Program } from '../graph/index.js';

/** Values by name, row-major float32. */
export type Values = Record<string, Float32Array>;

/** A program made ready to run; its variables live here from call to call. */
export interface Executable {
  /**
   * Runs an action: every input of it must be fed, every fetch comes back.
   * Fetches and updates see the variables as they were before the action (but for tensors read as updated).
   * @throws {InputError} for an unknown action, a missing feed or a feed of the wrong length.
   */
  run(action: string, feeds: Readonly<Record<string, Float32Array>>): Promise<Values>;
  /** Variables by name, all by default. */
  read(names?: readonly string[]): Promise<Values>;
  /** Overwrites variables. */
  write(values: Readonly<Record<string, Float32Array>>): Promise<void>;
  /** Tensors that the back end holds now, in this process. */
  liveTensors(): number;
  dispose(): void;
}

/** Something that runs programs. */
export interface Engine {
  readonly kind: 'tensorflow' | 'wasm' | 'cpu' | 'webgpu';
  /** For people: what computes, in one line. */
  readonly description: string;
  compile(program: Program): Promise<Executable>;
}
