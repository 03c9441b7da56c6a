export * from './browser.js';
export { exportOnnx, type ExportOptions } from './export/export.js';
export type { Weights } from './export/lowering.js';
export { describeTrained, exportModel, type ExportModelOptions } from './export/trained.js';
export { importOnnx, type ImportedModel } from './import/import.js';
export { importLayersModel } from './import/layers-model.js';
export type { ImageLayout, OnnxMetadata, SlicesMetadata, VolumeMetadata } from './metadata.js';
export { decodeModel, encodeModel } from './proto/codec.js';
export type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './proto/model.js';
export { networkCost, type CountedNetwork, type NetworkCost } from './run/cost.js';
export { describeDevice, deviceKinds, planDevice, type DeviceKind, type DevicePlan } from './run/device.js';
export { ensemble, selfEnsemble, volumeEnsemble } from './run/ensemble.js';
export { defaultMemory, workingBytesPerPixel } from './run/memory.js';
export { probeSize, probeVolume, type ProbedNetwork, type ProbedSize, type ProbedVolume } from './run/probe.js';
export {
  openPlanesSession,
  openSession,
  openVolumeSession,
  type PlanesDescription,
  type PlanesSession,
  type RunDescription,
  type SessionOptions,
  type SrSession,
  type VolumeDescription,
  type VolumeSession,
} from './run/session.js';
export { readOnnxMetadata, readOnnxSignature, type OnnxPort, type OnnxSignature } from './signature.js';
