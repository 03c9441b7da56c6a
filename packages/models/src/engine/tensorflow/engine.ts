import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskFailure } from '@lacuna/core';
import type { Shape } from '../../graph/index.js';
import type { Program } from '../../graph/program.js';
import { activateBackend } from '../activate.js';
import { requirePrecision, whyNoBf16 } from '../bf16.js';
import { hasAvx512 } from '../cpu-flags.js';
import type { Engine, Executable, Values } from '../engine.js';
import { checkFeeds, checkValues, requireAction } from '../feeds.js';
import { ActionWriter, DONE, done } from './action-writer.js';
import { loadTensorFlow, type LibraryOptions } from './library.js';
import { SavedModelWriter } from './saved-model.js';

type TensorFlow = typeof import('@tensorflow/tfjs-node-gpu');
type Signature = Awaited<ReturnType<TensorFlow['node']['loadSavedModel']>>;

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
    const written = programWriter(program, { cpu });
    saveModel(folder, written.serialize());
    for (const name of [...Object.keys(program.actions), READ, WRITE]) {
      activateBackend(tf, 'tensorflow');
      const isFirst = signatures.size === 0;
      signatures.set(name, await tf.node.loadSavedModel(folder, ['serve'], name));
      // The session is there now; the others look for their signature alone, and would parse the whole graph for it.
      if (isFirst) saveModel(folder, written.serializeSignatures());
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

function decodeNames(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name, i) => [name, values[`v${i}`]]));
}

/** What a program is written for: which convolution kernels serve it. */
interface Processor {
  readonly cpu: boolean;
  /** Of that CPU; this machine's by default. */
  readonly avx512?: boolean;
}

/** The SavedModel of a program, as bytes. */
export function writeProgram(program: Program, processor: Processor): Uint8Array {
  return programWriter(program, processor).serialize();
}

function programWriter(program: Program, { cpu, avx512 = hasAvx512() }: Processor): SavedModelWriter {
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
  for (const [name, action] of Object.entries(program.actions))
    new ActionWriter({ writer, cpu, avx512, handles }, name, action).write();

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
  return writer;
}
