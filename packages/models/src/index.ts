export * from './graph/index.js';
export * from './engine/index.js';
