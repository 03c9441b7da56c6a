export { type Engine, type Executable, type Values } from './engine.js';
export { loadTensorFlow, type LibraryOptions } from './library.js';
export { createTensorFlowEngine, writeProgram } from './tensorflow.js';
