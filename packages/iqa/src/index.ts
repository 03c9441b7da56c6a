export * from './browser.js';
export { describeProtocol, evaluate, protocolId, type Evaluation } from './evaluate/evaluate.js';
