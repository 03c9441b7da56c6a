import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskFailure } from '@lacuna/core';
import { actionRoots, type Action, type Program } from '../../graph/program.js';
import {
  formatShape,
  topologicalOrder,
  type ComputedOp,
  type Node,
  type Shape,
  type Tensor,
  type Update,
} from '../../graph/index.js';
import { activateBackend } from '../activate.js';
import { requirePrecision, whyNoBf16 } from '../bf16.js';
import type { Engine, Executable, Values } from '../engine.js';
import { checkFeeds, checkValues, requireAction } from '../feeds.js';
import { WrittenTensors, elementOf, type ElementType } from './element-types.js';
import { loadTensorFlow, type LibraryOptions } from './library.js';
import { SavedModelWriter } from './saved-model.js';
import type { Emitter } from './emitter.js';
import { tensorflowKernels } from './kernels.js';

type TensorFlow = typeof import('@tensorflow/tfjs-node-gpu');
type Signature = Awaited<ReturnType<TensorFlow['node']['loadSavedModel']>>;

/** Output that every action has, so that updates run even where nothing is fetched. */
const DONE = 'all.done';
const READ = 'all.read';
const WRITE = 'all.write';

/**
 * The engine that trains: a program becomes one SavedModel, each action one signature of it, and the stock binding of
 * TensorFlow runs them in one session, where the variables stay.
 */
export function createTensorFlowEngine(options: LibraryOptions = {}): Engine {
  const tf = loadTensorFlow(options);
  const device = tf.findBackend('tensorflow') as { isGPUPackage?: boolean; isUsingGpuDevice?: boolean };
  const where = device.isUsingGpuDevice ? 'GPU' : 'CPU';
  return {
    kind: 'tensorflow',
    description: `TensorFlow on the ${where}, one graph a step${options.xla ? ', XLA' : ''}`,
    async compile(program) {
      requirePrecision(program, whyNoBf16({ engine: 'tensorflow', device: where }));
      return compile(tf, program, where === 'CPU');
    },
  };
}

async function compile(tf: TensorFlow, program: Program, cpu: boolean): Promise<Executable> {
  const folder = temporaryFolder();
  const signatures = new Map<string, Signature>();
  try {
    const bytes = writeProgram(program, { cpu });
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
    for (const name of [...Object.keys(program.actions), READ, WRITE]) {
      activateBackend(tf, 'tensorflow');
      signatures.set(name, await tf.node.loadSavedModel(folder, ['serve'], name));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const shapes = new Map([...program.graph.variables.values()].map(({ name, shape }) => [name, shape]));

  const call = async (name: string, feeds: readonly (readonly [string, Float32Array, Shape])[]): Promise<Values> => {
    activateBackend(tf, 'tensorflow');
    const inputs = Object.fromEntries(
      feeds.map(([key, values, shape]) => [key, tf.tensor(values, shape as number[], 'float32')]),
    );
    const outputs = signatures.get(name)!.predict(inputs) as Record<string, import('@tensorflow/tfjs-node-gpu').Tensor>;
    const values: Values = {};
    for (const [key, tensor] of Object.entries(outputs)) {
      if (key !== DONE) values[key] = tensor.dataSync<'float32'>();
      tensor.dispose();
    }
    for (const tensor of Object.values(inputs)) tensor.dispose();
    return values;
  };

  const executable: Executable = {
    async run(name, feeds) {
      const action = requireAction(program, name);
      checkFeeds(name, action, feeds);
      return call(
        name,
        Object.entries(action.inputs).map(([key, tensor]) => [key, feeds[key], tensor.shape] as const),
      );
    },
    async read(names) {
      const all = decodeNames(await call(READ, [['unused', new Float32Array(1), []]]), [...shapes.keys()]);
      return names ? Object.fromEntries(names.map((name) => [name, all[name]])) : all;
    },
    async write(values) {
      checkValues(program, values);
      if (Object.keys(values).length === 0) return;
      const current = Object.keys(values).length === shapes.size ? {} : await executable.read();
      const complete = { ...current, ...values };
      await call(
        WRITE,
        [...shapes].map(([name, shape], i) => [`v${i}`, complete[name], shape] as const),
      );
    },
    liveTensors: () => tf.memory().numTensors,
    dispose() {
      for (const signature of signatures.values()) signature.dispose();
      signatures.clear();
    },
  };
  return executable;
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), `lacuna-graph-${process.pid}-`));
  } catch (error) {
    throw diskFailure(tmpdir(), error, 'a folder for temporary files', 'set TMPDIR to a folder that may be written');
  }
}

function decodeNames(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name, i) => [name, values[`v${i}`]]));
}

/** The SavedModel of a program, as bytes; `cpu` says which convolution kernels serve it. */
export function writeProgram(program: Program, { cpu }: { cpu: boolean }): Uint8Array {
  const writer = new SavedModelWriter();
  const variables = [...program.graph.variables.values()];
  const handles = new Map(
    variables.map(({ name, shape }, i) => [
      name,
      writer.node(`var/${i}`, 'VarHandleOp', [], {
        dtype: { type: 'float' },
        shape: { shape },
        shared_name: { text: name },
        container: { text: '' },
      }),
    ]),
  );
  for (const [name, action] of Object.entries(program.actions)) writeAction(writer, cpu, handles, name, action);

  const placeholder = (name: string, shape: Shape) =>
    writer.node(name, 'Placeholder', [], { dtype: { type: 'float' }, shape: { shape } });
  const unused = placeholder(`${READ}/unused`, []);
  writer.signature(
    READ,
    { unused: { node: unused, shape: [] } },
    Object.fromEntries(
      variables.map(({ name, shape }, i) => [
        `v${i}`,
        {
          node: writer.node(`${READ}/${i}`, 'ReadVariableOp', [handles.get(name)!, `^${unused}`], {
            dtype: { type: 'float' },
          }),
          shape,
        },
      ]),
    ),
  );
  const inputs: Record<string, { node: string; shape: Shape }> = {};
  const assigned: string[] = [];
  variables.forEach(({ name, shape }, i) => {
    const node = placeholder(`${WRITE}/in${i}`, shape);
    inputs[`v${i}`] = { node, shape };
    assigned.push(
      `^${writer.node(`${WRITE}/${i}`, 'AssignVariableOp', [handles.get(name)!, node], { dtype: { type: 'float' } })}`,
    );
  });
  if (variables.length === 0) inputs['unused'] = { node: placeholder(`${WRITE}/unused`, []), shape: [] };
  writer.signature(WRITE, inputs, { [DONE]: { node: done(writer, `${WRITE}/done`, assigned), shape: [] } });
  return writer.serialize();
}

function done(writer: SavedModelWriter, name: string, after: readonly string[]): string {
  return writer.node(name, 'Const', after, { dtype: { type: 'float' }, value: { repeated: 1, of: [] } });
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

function writeAction(
  writer: SavedModelWriter,
  cpu: boolean,
  handles: ReadonlyMap<string, string>,
  action: string,
  { precision, inputs, fetches, updates }: Action,
): void {
  let fresh = 0;
  const constants = new Map<string, string>();
  const emit: Emitter = {
    writer,
    cpu,
    element: 'float',
    name: (hint) => `${action}/parts/${hint}_${fresh++}`,
    ints(values, shape = [values.length]) {
      const key = `${formatShape(shape)}:${values.join(',')}`;
      let node = constants.get(key);
      if (!node)
        constants.set(
          key,
          (node = writer.node(emit.name('ints'), 'Const', [], {
            dtype: { type: 'int32' },
            value: { int32s: values, of: shape },
          })),
        );
      return node;
    },
  };
  const nodes = new WrittenTensors(writer, emit.name);
  const reads = new Map<string, string>();
  const updated = new Map<string, string>();
  const dtype = { dtype: { type: 'float' } } as const;

  const writeTensor = (name: string, tensor: Tensor, element: ElementType): string => {
    switch (tensor.op) {
      case 'input':
        return writer.node(name, 'Placeholder', [], { ...dtype, shape: { shape: tensor.shape } });
      case 'constant':
        return writer.node(name, 'Const', [], {
          ...dtype,
          value: { floats: tensor.attributes.values, of: tensor.shape },
        });
      case 'fill':
        return writer.node(name, 'Const', [], {
          ...dtype,
          value: { repeated: tensor.attributes.value, of: tensor.shape },
        });
      case 'variable': {
        const { name: variable, after: isAfter } = tensor.attributes;
        const after = isAfter ? updated.get(variable) : undefined;
        const read = writer.node(
          name,
          'ReadVariableOp',
          [handles.get(variable)!, ...(after ? [`^${after}`] : [])],
          dtype,
        );
        if (!isAfter) reads.set(variable, read);
        return read;
      }
      default:
        return writeComputed({ ...emit, element }, name, tensor, nodes);
    }
  };
  const emitTensor = (tensor: Tensor): void => {
    if (nodes.has(tensor)) return;
    const element = elementOf(tensor, precision, nodes);
    nodes.add(tensor, writeTensor(`${action}/${tensor.op}_${tensor.id}`, tensor, element), element);
  };
  /** Writes what a tensor needs and is not written yet, inputs first. */
  const take = (root: Tensor): string => {
    const stack = [root];
    while (stack.length > 0) {
      const tensor = stack[stack.length - 1];
      const missing = tensor.inputs.filter((input) => !nodes.has(input));
      if (missing.length === 0) {
        emitTensor(tensor);
        stack.pop();
      } else stack.push(...missing);
    }
    return nodes.as(root, 'float');
  };
  // What depends on updated variables is written after the updates that it waits for.
  const late = new Set<number>();
  const order = topologicalOrder(actionRoots(fetches, updates));
  for (const tensor of order)
    if ((tensor.op === 'variable' && tensor.attributes.after) || tensor.inputs.some((input) => late.has(input.id)))
      late.add(tensor.id);
  for (const tensor of order) if (!late.has(tensor.id)) emitTensor(tensor);
  const writeUpdate = (update: Update, i: number) => {
    const name = `${action}/update_${i}`;
    // A variable is changed only after everyone has read it, and by one update after the other.
    const operands =
      update.kind === 'assign'
        ? [take(update.value)]
        : [take(update.beta1Power), take(update.beta2Power), take(update.learningRate), take(update.gradient)];
    const targets = update.kind === 'assign' ? [update.variable] : [update.variable, update.m, update.v];
    const before = targets
      .flatMap((target) => [reads.get(target), updated.get(target)])
      .filter((node) => node !== undefined)
      .map((node) => `^${node}`);
    if (update.kind === 'assign')
      writer.node(name, 'AssignVariableOp', [handles.get(update.variable)!, operands[0], ...before], dtype);
    else {
      const number = (value: number) =>
        writer.node(emit.name('number'), 'Const', [], { ...dtype, value: { repeated: value, of: [] } });
      writer.node(
        name,
        'ResourceApplyAdam',
        [
          ...targets.map((target) => handles.get(target)!),
          operands[0],
          operands[1],
          operands[2],
          number(update.beta1),
          number(update.beta2),
          number(update.epsilon),
          operands[3],
          ...before,
        ],
        { T: { type: 'float' } },
      );
    }
    for (const target of targets) updated.set(target, name);
  };
  updates.forEach(writeUpdate);
  const outputs: Record<string, { node: string; shape: Shape }> = {};
  for (const [key, tensor] of Object.entries(fetches)) {
    outputs[key] = {
      node: writer.node(`${action}/fetch/${Object.keys(outputs).length}`, 'Identity', [take(tensor)], {
        T: { type: 'float' },
      }),
      shape: tensor.shape,
    };
  }
  outputs[DONE] = {
    node: done(
      writer,
      `${action}/done`,
      [...new Set(updated.values())].map((node) => `^${node}`),
    ),
    shape: [],
  };
  writer.signature(
    action,
    Object.fromEntries(
      Object.entries(inputs).map(([key, tensor]) => [key, { node: nodes.as(tensor, 'float'), shape: tensor.shape }]),
    ),
    outputs,
  );
}
