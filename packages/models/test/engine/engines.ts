import { createTensorFlowEngine, createTfjsEngine, type Engine } from '../../src/index.js';

/** Every engine of this machine: the contract is the same for all. */
export const engines: readonly { name: string; open: () => Promise<Engine> }[] = [
  { name: 'tensorflow', open: async () => createTensorFlowEngine({ threads: 2 }) },
  { name: 'wasm', open: () => createTfjsEngine('wasm') },
  { name: 'cpu', open: () => createTfjsEngine('cpu') },
];
