import type { Shape } from '../../graph/index.js';
import type { Program } from '../../graph/program.js';
import { requirePrecision, whyNoBf16 } from '../bf16.js';
import { hasAvx512 } from '../cpu-flags.js';
import type { Engine, Executable, Values } from '../engine.js';
import { checkFeeds, checkValues, requireAction } from '../feeds.js';
import { ActionWriter, DONE, done } from './action-writer.js';
import { loadTensorFlow, type LibraryOptions, type TensorFlow } from './library.js';
import { SavedModelWriter } from './saved-model.js';
import { Session } from './session.js';

const READ = 'all.read';
const WRITE = 'all.write';

/**
 * The engine that trains: a program becomes one SavedModel, each action one signature of it, and the stock binding of
 * TensorFlow runs them in one session, where the variables stay.
 */
export function createTensorFlowEngine(options: LibraryOptions = {}): Engine {
  const tf = loadTensorFlow(options);
  const where = tf.isUsingGpuDevice() ? 'GPU' : 'CPU';
  return {
    kind: 'tensorflow',
    description: `TensorFlow on the ${where}, one graph a step${options.xla ? ', XLA' : ''}`,
    async compile(program) {
      requirePrecision(program, whyNoBf16({ engine: 'tensorflow', device: where }));
      return compile(tf, program, where === 'CPU');
    },
  };
}

function compile(tf: TensorFlow, program: Program, cpu: boolean): Executable {
  const written = programWriter(program, { cpu });
  const session = new Session(tf, written);
  const shapes = new Map([...program.graph.variables.values()].map(({ name, shape }) => [name, shape]));

  const executable: Executable = {
    async run(name, feeds) {
      const action = requireAction(program, name);
      checkFeeds(name, action, feeds);
      return session.run(
        name,
        Object.fromEntries(
          Object.entries(action.inputs).map(([key, { shape }]) => [key, { values: feeds[key], shape }]),
        ),
      );
    },
    async read(names) {
      const values = session.run(READ, { unused: { values: new Float32Array(1), shape: [] } });
      const all = decodeNames(values, [...shapes.keys()]);
      return names ? Object.fromEntries(names.map((name) => [name, all[name]])) : all;
    },
    async write(values) {
      checkValues(program, values);
      if (Object.keys(values).length === 0) return;
      const current = Object.keys(values).length === shapes.size ? {} : await executable.read();
      const complete = { ...current, ...values };
      session.run(
        WRITE,
        Object.fromEntries([...shapes].map(([name, shape], i) => [`v${i}`, { values: complete[name], shape }])),
      );
    },
    liveTensors: () => tf.getNumOfTensors(),
    dispose: () => session.dispose(),
  };
  return executable;
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
