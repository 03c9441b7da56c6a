export { decodeModel, encodeModel } from './proto/codec.js';
export type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './proto/model.js';
export { planAxis, shortestTile, type AxisPlan, type AxisTile } from './run/axis.js';
export { describeDevice, deviceKinds, planDevice, type DeviceKind, type DevicePlan } from './run/device.js';
export { committee, selfEnsemble } from './run/ensemble.js';
export { bytesFor, chooseTile, defaultMemory, workingBytesPerPixel, type TileSize } from './run/memory.js';
export { planPlane, upscalePlane, type PlanePlan, type PlaneSink, type PlaneSource } from './run/plane.js';
export { openSession, type RunDescription, type SessionOptions, type SrSession } from './run/session.js';
export { OutOfMemory, isOutOfMemory, type TileModel } from './run/tile-model.js';
