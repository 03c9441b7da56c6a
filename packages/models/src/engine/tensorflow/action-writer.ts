import { actionRoots, type Action } from '../../graph/program.js';
import {
  formatShape,
  topologicalOrder,
  type ComputedOp,
  type Node,
  type Shape,
  type Tensor,
  type Update,
} from '../../graph/index.js';
import { WrittenTensors, elementOf, type ElementType } from './element-types.js';
import type { Emitter } from './emitter.js';
import { tensorflowKernels } from './kernels.js';
import type { SavedModelWriter } from './saved-model.js';

/** Output that every action has, so that updates run even where nothing is fetched. */
export const DONE = 'all.done';

const FLOAT = { dtype: { type: 'float' } } as const;

/** Where the actions of a program are written. */
export interface ProgramTarget {
  readonly writer: SavedModelWriter;
  /** Whether the program runs on the CPU, where a convolution's kernel is chosen by its shape. */
  readonly cpu: boolean;
  /** Whether that CPU has AVX-512, where oneDNN has other kernels. */
  readonly avx512: boolean;
  /** Nodes of the variables by their names. */
  readonly handles: ReadonlyMap<string, string>;
}

/** The node that is there once all of `after` ran. */
export function done(writer: SavedModelWriter, name: string, after: readonly string[]): string {
  return writer.node(name, 'Const', after, { ...FLOAT, value: { repeated: 1, of: [] } });
}

/** Writes one action of a program: its tensors, its updates in their order, and its signature. */
export class ActionWriter {
  private readonly writer: SavedModelWriter;
  private readonly emit: Emitter;
  private readonly written: WrittenTensors;
  /** The node that reads a variable before any update, by the variable's name. */
  private readonly reads = new Map<string, string>();
  /** The last update of a variable, by the variable's name. */
  private readonly updated = new Map<string, string>();

  constructor(
    private readonly target: ProgramTarget,
    private readonly name: string,
    private readonly action: Action,
  ) {
    this.writer = target.writer;
    this.emit = emitter(target, name, action);
    this.written = new WrittenTensors(target.writer, this.emit.name);
  }

  write(): void {
    const { fetches, updates } = this.action;
    const order = topologicalOrder(actionRoots(fetches, updates));
    const late = dependsOnUpdates(order);
    for (const tensor of order) if (!late.has(tensor.id)) this.writeTensor(tensor);
    updates.forEach((update, i) => this.writeUpdate(update, i));
    this.writeSignature();
  }

  private writeTensor(tensor: Tensor): void {
    if (this.written.has(tensor)) return;
    const element = elementOf(tensor, this.action.precision, this.written);
    const node = this.nodeOf(`${this.name}/${tensor.op}_${tensor.id}`, tensor, element);
    this.written.add(tensor, node, element);
  }

  private nodeOf(name: string, tensor: Tensor, element: ElementType): string {
    switch (tensor.op) {
      case 'input':
        return this.writer.node(name, 'Placeholder', [], { ...FLOAT, shape: { shape: tensor.shape } });
      case 'constant':
        return this.constant(name, { floats: tensor.attributes.values, of: tensor.shape });
      case 'fill':
        return this.constant(name, { repeated: tensor.attributes.value, of: tensor.shape });
      case 'variable':
        return this.readVariable(name, tensor.attributes);
      default:
        return writeComputed({ ...this.emit, element }, name, tensor, this.written);
    }
  }

  private constant(name: string, value: { floats: Float32Array; of: Shape } | { repeated: number; of: Shape }): string {
    return this.writer.node(name, 'Const', [], { ...FLOAT, value });
  }

  private readVariable(name: string, variable: { readonly name: string; readonly after: boolean }): string {
    const after = variable.after ? this.updated.get(variable.name) : undefined;
    const handle = this.target.handles.get(variable.name)!;
    const read = this.writer.node(name, 'ReadVariableOp', [handle, ...(after ? [`^${after}`] : [])], FLOAT);
    if (!variable.after) this.reads.set(variable.name, read);
    return read;
  }

  /** Writes what a tensor needs and is not written yet, inputs first, and gives its node. */
  private take(root: Tensor): string {
    const stack = [root];
    while (stack.length > 0) {
      const tensor = stack[stack.length - 1];
      const missing = tensor.inputs.filter((input) => !this.written.has(input));
      if (missing.length === 0) {
        this.writeTensor(tensor);
        stack.pop();
      } else stack.push(...missing);
    }
    return this.written.as(root, 'float');
  }

  private writeUpdate(update: Update, i: number): void {
    const name = `${this.name}/update_${i}`;
    if (update.kind === 'assign') this.writeAssignment(name, update);
    else this.writeAdam(name, update);
  }

  private writeAssignment(name: string, { variable, value }: Extract<Update, { kind: 'assign' }>): void {
    const operand = this.take(value);
    const handle = this.target.handles.get(variable)!;
    this.writer.node(name, 'AssignVariableOp', [handle, operand, ...this.before([variable])], FLOAT);
    this.updated.set(variable, name);
  }

  private writeAdam(name: string, update: Extract<Update, { kind: 'adam' }>): void {
    const beta1Power = this.take(update.beta1Power);
    const beta2Power = this.take(update.beta2Power);
    const learningRate = this.take(update.learningRate);
    const gradient = this.take(update.gradient);
    const variables = [update.variable, update.m, update.v];
    const before = this.before(variables);
    const number = (value: number) => this.constant(this.emit.name('number'), { repeated: value, of: [] });
    this.writer.node(
      name,
      'ResourceApplyAdam',
      [
        ...variables.map((variable) => this.target.handles.get(variable)!),
        beta1Power,
        beta2Power,
        learningRate,
        number(update.beta1),
        number(update.beta2),
        number(update.epsilon),
        gradient,
        ...before,
      ],
      { T: { type: 'float' } },
    );
    for (const variable of variables) this.updated.set(variable, name);
  }

  /** A variable is changed only after everyone has read it, and by one update after the other. */
  private before(variables: readonly string[]): string[] {
    return variables
      .flatMap((variable) => [this.reads.get(variable), this.updated.get(variable)])
      .filter((node) => node !== undefined)
      .map((node) => `^${node}`);
  }

  private writeSignature(): void {
    const outputs: Record<string, { node: string; shape: Shape }> = {};
    for (const [key, tensor] of Object.entries(this.action.fetches)) {
      const name = `${this.name}/fetch/${Object.keys(outputs).length}`;
      const node = this.writer.node(name, 'Identity', [this.take(tensor)], { T: { type: 'float' } });
      outputs[key] = { node, shape: tensor.shape };
    }
    const updates = [...new Set(this.updated.values())].map((node) => `^${node}`);
    outputs[DONE] = { node: done(this.writer, `${this.name}/done`, updates), shape: [] };
    const inputs = Object.entries(this.action.inputs).map(
      ([key, tensor]) => [key, { node: this.written.as(tensor, 'float'), shape: tensor.shape }] as const,
    );
    this.writer.signature(this.name, Object.fromEntries(inputs), outputs);
  }
}

/** Helping nodes of an action: fresh names, and each integer constant once. */
function emitter({ writer, cpu, avx512 }: ProgramTarget, action: string, { updates }: Action): Emitter {
  let fresh = 0;
  const constants = new Map<string, string>();
  const name = (hint: string) => `${action}/parts/${hint}_${fresh++}`;
  return {
    writer,
    cpu,
    avx512,
    trains: updates.length > 0,
    element: 'float',
    name,
    ints(values, shape = [values.length]) {
      const key = `${formatShape(shape)}:${values.join(',')}`;
      const known = constants.get(key);
      if (known) return known;
      const value = { int32s: values, of: shape };
      const node = writer.node(name('ints'), 'Const', [], { dtype: { type: 'int32' }, value });
      constants.set(key, node);
      return node;
    },
  };
}

/** Ids of the tensors that depend on updated variables: they are written after the updates that they wait for. */
function dependsOnUpdates(order: readonly Tensor[]): Set<number> {
  const late = new Set<number>();
  for (const tensor of order)
    if ((tensor.op === 'variable' && tensor.attributes.after) || tensor.inputs.some((input) => late.has(input.id)))
      late.add(tensor.id);
  return late;
}

/** Writes an op by its kernel; its inputs are written, and converted to what the op takes. */
function writeComputed<Op extends ComputedOp>(
  emit: Emitter,
  name: string,
  node: Node<Op>,
  written: WrittenTensors,
): string {
  const inputs = node.inputs.map((input) => written.as(input, emit.element));
  return tensorflowKernels[node.op](emit, name, node, inputs);
}
