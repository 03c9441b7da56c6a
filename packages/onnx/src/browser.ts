// What runs in a browser as well as in Node: the entry for the condition `browser`.
export { planAxis, shortestTile, type AxisPlan, type AxisTile } from './run/axis.js';
export { planPlane, planesModel, upscalePlane, type PlaneSink, type PlaneSource } from './run/plane.js';
export { createRunner, firstLine, type Network, type Runner, type Runtime } from './run/runner.js';
export { OutOfMemory, isOutOfMemory, type TileModel } from './run/tile-model.js';
export {
  bytesFor,
  chooseTile,
  chooseVolumeTile,
  volumeBytesFor,
  type TileRoom,
  type TileSize,
} from './run/tile-size.js';
export {
  planVolume,
  upscaleVolume,
  type Axes,
  type VolumeModel,
  type VolumePlan,
  type VolumeSink,
  type VolumeSource,
} from './run/volume.js';
