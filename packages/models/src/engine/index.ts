export { noBf16, whyNoBf16 } from './bf16.js';
export { type Engine, type Executable, type Values } from './engine.js';
export { loadTensorFlow, type LibraryOptions } from './tensorflow/library.js';
export {
  engineInfo,
  engineKinds,
  openEngine,
  type EngineInfo,
  type EngineKind,
  type OpenEngineOptions,
  type OpenedEngine,
} from './select.js';
export { KERNEL_CHOICE } from './tensorflow/kernel-choice.js';
export { createTensorFlowEngine, writeProgram } from './tensorflow/engine.js';
export { createTfjsEngine, type TfjsBackend } from './tfjs/engine.js';
