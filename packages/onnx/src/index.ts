export { decodeModel, encodeModel } from './proto/codec.js';
export type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './proto/model.js';
