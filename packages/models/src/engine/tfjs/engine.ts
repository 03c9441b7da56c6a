import { createRequire } from 'node:module';
import { FailureError } from '@lacuna/core';
import type { Tensor as Held } from '@tensorflow/tfjs-core';
import {
  sizeOf,
  topologicalOrder,
  type Action,
  type ComputedOp,
  type Node,
  type Program,
  type Tensor,
  type Update,
} from '../../graph/index.js';
import { actionRoots } from '../../graph/program.js';
import { activateBackend } from '../activate.js';
import { requirePrecision, whyNoBf16 } from '../bf16.js';
import type { Engine, Executable, Values } from '../engine.js';
import { checkFeeds, checkValues, requireAction } from '../feeds.js';
import { restoreRemovedUtilities } from '../node-compatibility.js';
import { tfjsKernels } from './kernels.js';
import type { TfCore } from './run-kernel.js';

/** Backends of tfjs that the fallback engine runs on; `webgpu` must have been registered by its caller. */
export type TfjsBackend = 'wasm' | 'cpu' | 'webgpu';

const descriptions: Readonly<Record<TfjsBackend, string>> = {
  wasm: 'tfjs on WebAssembly, op by op',
  cpu: 'tfjs in plain JavaScript, op by op (slow)',
  webgpu: 'tfjs on WebGPU, op by op',
};

/**
 * The fallback engine: the same programs, op by op, on a tfjs backend. For machines without TensorFlow's library, and
 * for browsers.
 * @throws {FailureError} when the backend does not start.
 */
export async function createTfjsEngine(backend: TfjsBackend): Promise<Engine> {
  restoreRemovedUtilities();
  const require = createRequire(import.meta.url);
  try {
    const tf = require('@tensorflow/tfjs-core') as TfCore;
    if (backend !== 'webgpu') require(`@tensorflow/tfjs-backend-${backend}`);
    if (!(await tf.setBackend(backend))) throw new Error(`backend ${backend} does not start`);
    return {
      kind: backend,
      description: descriptions[backend],
      async compile(program) {
        requirePrecision(program, whyNoBf16({ engine: backend, device: backend === 'webgpu' ? 'GPU' : 'CPU' }));
        return new OpByOp(tf, backend, program);
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new FailureError(
      {
        who: `tfjs engine on ${backend}`,
        got: reason,
        wanted: `a backend named ${backend}`,
        remedy: 'run npm ci, or use the engine cpu',
      },
      { cause: error },
    );
  }
}

/** The order of an action's ops, and how often each value is used: a value is given back after its last use. */
interface Schedule {
  readonly uses: ReadonlyMap<number, number>;
}

class OpByOp implements Executable {
  private readonly variables = new Map<string, Held>();
  private readonly constants = new Map<number, Held>();
  private readonly schedules = new Map<string, Schedule>();

  constructor(
    private readonly tf: TfCore,
    private readonly backend: TfjsBackend,
    private readonly program: Program,
  ) {}

  async run(name: string, feeds: Readonly<Record<string, Float32Array>>): Promise<Values> {
    const action = requireAction(this.program, name);
    checkFeeds(name, action, feeds);
    activateBackend(this.tf, this.backend);
    for (const [variable, { shape }] of this.program.graph.variables) {
      if (!this.variables.has(variable)) this.variables.set(variable, this.keep(this.tf.zeros(shape as number[])));
    }
    const { fetched, changed } = this.evaluate(name, action, feeds);
    for (const [variable, value] of changed) {
      this.variables.get(variable)!.dispose();
      this.variables.set(variable, value);
    }
    const values: Values = {};
    for (const [key, tensor] of Object.entries(fetched)) {
      values[key] = (await tensor.data<'float32'>()).slice();
      tensor.dispose();
    }
    return values;
  }

  async read(names: readonly string[] = [...this.program.graph.variables.keys()]): Promise<Values> {
    activateBackend(this.tf, this.backend);
    const values: Values = {};
    for (const name of names) {
      const { shape } = this.program.graph.requireVariable(name);
      const held = this.variables.get(name);
      values[name] = held ? (await held.data<'float32'>()).slice() : new Float32Array(sizeOf(shape));
    }
    return values;
  }

  async write(values: Readonly<Record<string, Float32Array>>): Promise<void> {
    checkValues(this.program, values);
    activateBackend(this.tf, this.backend);
    for (const [name, array] of Object.entries(values)) {
      this.variables.get(name)?.dispose();
      // tfjs may keep the array itself: a copy leaves the caller's free to change.
      this.variables.set(
        name,
        this.keep(this.tf.tensor(array.slice(), this.program.graph.requireVariable(name).shape as number[], 'float32')),
      );
    }
  }

  liveTensors(): number {
    return this.tf.memory().numTensors;
  }

  dispose(): void {
    for (const tensor of [...this.variables.values(), ...this.constants.values()]) tensor.dispose();
    this.variables.clear();
    this.constants.clear();
  }

  private keep(tensor: Held): Held {
    return this.tf.keep(tensor);
  }

  private schedule(name: string, { fetches, updates }: Action): Schedule {
    let schedule = this.schedules.get(name);
    if (!schedule) {
      const roots = actionRoots(fetches, updates);
      const uses = new Map<number, number>();
      const use = ({ id }: Tensor) => uses.set(id, (uses.get(id) ?? 0) + 1);
      topologicalOrder(roots).forEach((tensor) => tensor.inputs.forEach(use));
      roots.forEach(use);
      this.schedules.set(name, (schedule = { uses }));
    }
    return schedule;
  }

  /** Computes an action; what comes back is outside of any scope, everything else is given back. */
  private evaluate(
    name: string,
    action: Action,
    feeds: Readonly<Record<string, Float32Array>>,
  ): { fetched: Record<string, Held>; changed: Map<string, Held> } {
    const { tf } = this;
    const left = new Map(this.schedule(name, action).uses);
    const made = new Map<number, Held>();
    const pending = new Map<string, Held>();
    const fetched: Record<string, Held> = {};
    /** Counts one use; the last one frees. Constants and variables outlive the action. */
    const release = (tensor: Tensor) => {
      const count = left.get(tensor.id)! - 1;
      left.set(tensor.id, count);
      if (count === 0 && tensor.op !== 'constant' && tensor.op !== 'variable') made.get(tensor.id)!.dispose();
    };
    const compute = (tensor: Tensor): Held => {
      const shape = [...tensor.shape];
      switch (tensor.op) {
        case 'input':
          return tf.tensor(feeds[tensor.attributes.name].slice(), shape, 'float32');
        case 'fill':
          return tf.fill(shape, tensor.attributes.value);
        case 'variable': {
          const { name: variable, after } = tensor.attributes;
          return (after ? pending.get(variable) : undefined) ?? this.variables.get(variable)!;
        }
        case 'constant': {
          const known = this.constants.get(tensor.id);
          if (known) return known;
          const constant = this.keep(tf.tensor(tensor.attributes.values.slice(), shape, 'float32'));
          this.constants.set(tensor.id, constant);
          return constant;
        }
      }
      const inputs = tensor.inputs.map((input) => made.get(input.id)!);
      const result = tf.tidy(() => computeOp(tf, inputs, tensor));
      tensor.inputs.forEach(release);
      return result;
    };
    const take = (root: Tensor): Held => {
      const stack = [root];
      while (stack.length > 0) {
        const tensor = stack[stack.length - 1];
        const missing = tensor.inputs.filter((input) => !made.has(input.id));
        if (missing.length > 0) {
          stack.push(...missing);
          continue;
        }
        if (!made.has(tensor.id)) made.set(tensor.id, compute(tensor));
        stack.pop();
      }
      return made.get(root.id)!;
    };
    const change = (variable: string, value: Held) => pending.set(variable, value);
    const current = (variable: string) => pending.get(variable) ?? this.variables.get(variable)!;

    tf.tidy(() => {
      for (const update of action.updates) {
        if (update.kind === 'assign') change(update.variable, tf.clone(take(update.value)));
        else applyAdam(tf, update, { take, current, change });
      }
      for (const [key, tensor] of Object.entries(action.fetches)) fetched[key] = this.keep(tf.clone(take(tensor)));
      for (const value of pending.values()) this.keep(value);
    });
    return { fetched, changed: pending };
  }
}

/** Runs an op's kernel. */
function computeOp<Op extends ComputedOp>(tf: TfCore, inputs: readonly Held[], node: Node<Op>): Held {
  return tfjsKernels[node.op](tf, inputs, node);
}

/** TensorFlow's ResourceApplyAdam, in its order of operations. */
function applyAdam(
  tf: TfCore,
  update: Extract<Update, { kind: 'adam' }>,
  state: { take(tensor: Tensor): Held; current(name: string): Held; change(name: string, value: Held): void },
): void {
  const { take, current, change } = state;
  const gradient = take(update.gradient);
  const rate = take(update.learningRate);
  const power1 = take(update.beta1Power);
  const power2 = take(update.beta2Power);
  const [w, m, v] = tf.tidy(() => {
    const alpha = tf.div(tf.mul(rate, tf.sqrt(tf.sub(1, power2))), tf.sub(1, power1));
    const mOld = current(update.m);
    const vOld = current(update.v);
    const mNew = tf.add(mOld, tf.mul(tf.sub(gradient, mOld), 1 - update.beta1));
    const vNew = tf.add(vOld, tf.mul(tf.sub(tf.square(gradient), vOld), 1 - update.beta2));
    return [
      tf.sub(current(update.variable), tf.div(tf.mul(mNew, alpha), tf.add(tf.sqrt(vNew), update.epsilon))),
      mNew,
      vNew,
    ] as const as unknown as [Held, Held, Held];
  });
  change(update.variable, w);
  change(update.m, m);
  change(update.v, v);
}
