import { byAxis, factorsOf, type Factors, type PatchSize } from '@lacuna/datasets';
import {
  keepsNetworkHead,
  modelCost,
  planesIn,
  type ForwardModel,
  type ModelCost,
  type ModelSpec,
  type PerAxis,
  type Slicing,
} from '@lacuna/models';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import { plannedDimensions, type Dimensions } from '../data/dimensions.js';
import { turnedAxes, type ByAxis } from './turn-axes.js';

/** What a trial's model sees of its images. */
export interface View {
  /** Whether the model is of planes or of volumes. */
  readonly dimensions: Dimensions;
  /** How volumes are cut for a model of planes; null where it sees the images as they are. */
  readonly slices: Slicing | null;
}

type Sliced = Pick<TrialSpec, 'slicewise' | 'degradation'>;

/** What the model of a trial sees; `images` is what the trial is of. */
export function viewOf({ slicewise, degradation }: Sliced, images: Dimensions): View {
  if (!slicewise || images === 2) return { dimensions: images, slices: null };
  const { axis = 'z', neighbours = 0, between } = slicewise === true ? {} : slicewise;
  const factor = byAxis(degradation.factor)[axis];
  const filled = between === undefined ? null : { method: between, factor };
  return { dimensions: 2, slices: { axis, neighbours, between: filled } };
}

/** {@link viewOf} as far as the spec says: planes where files have not been opened. */
export function plannedView(spec: Sliced & Pick<TrialSpec, 'dimensions' | 'data'>): View {
  return viewOf(spec, plannedDimensions(spec) ?? (spec.slicewise ? 3 : 2));
}

/** Each plane across z by itself: what models of planes do with stacks that nobody cut for them. */
export const isPlain = ({ axis, neighbours, between }: Slicing): boolean =>
  axis === 'z' && neighbours === 0 && between === null;

/** What a model file says of its planes; nothing where they are plain. */
export const slicingOf = ({ slices }: View): { readonly slicing?: Slicing } =>
  slices === null || isPlain(slices) ? {} : { slicing: slices };

/** Planes that come in for one. */
export const planesOf = ({ slices }: View): number => (slices === null ? 1 : planesIn(slices));

/** Numbers by axis of a volume as the model's images have them: x along a row, y down a column. */
export const inView = (lengths: ByAxis, { slices }: View): ByAxis =>
  slices === null ? lengths : turnedAxes(lengths, slices.axis);

/** Numbers by axis of the model's images as it takes them: one for planes that need no more, else y, x or z, y, x. */
export function forModel({ x, y, z }: ByAxis, { dimensions }: View): PerAxis {
  if (dimensions === 3) return [z, y, x];
  return x === y ? x : [y, x];
}

/** By how much the model's images grow, by their axes; planes keep their number. */
export function factorsInView(spec: Pick<TrialSpec, 'degradation'>, view: View): Factors {
  const { x, y, z } = inView(factorsOf(spec.degradation), view);
  return { x, y, z: view.dimensions === 2 ? 1 : z };
}

/** The factor of a trial as its model takes it. */
export function modelFactor(spec: Pick<TrialSpec, 'degradation'>, view: View): PerAxis {
  return forModel(factorsInView(spec, view), view);
}

/** What the model of a trial does, as model files say it. */
export const taskOf = (spec: Pick<TrialSpec, 'degradation'>, view: View) => ({
  factor: modelFactor(spec, view),
  channels: 1,
  ...slicingOf(view),
});

/** The LR patch of a trial by the axes of its volumes: where its spec gives a number, a square of planes or a cube. */
export function patchOf({ training: { patch } }: Pick<TrialSpec, 'training'>, { dimensions, slices }: View): PatchSize {
  if (typeof patch !== 'number') return patch;
  const cube = { x: patch, y: patch, z: patch };
  return dimensions === 3 ? cube : { ...cube, [slices?.axis ?? 'z']: 1 };
}

/** The known degradation along the axes of the model's images. */
export function forwardInView(forward: ForwardModel | null, { slices }: View): ForwardModel | null {
  if (forward === null || slices === null || 'kernel' in forward) return forward;
  if (slices.axis === 'z') return forward;
  return turnedAxes({ ...forward, z: forward.z ?? { kernel: [1], offset: 0 } }, slices.axis);
}

/** Parameters, work and reach of a trial's model. Planes that are interpolated cost nothing. */
export function costInView(model: ModelSpec, spec: Pick<TrialSpec, 'degradation' | 'regime'>, view: View): ModelCost {
  const cost = modelCost(model, {
    factor: modelFactor(spec, view),
    channels: 1,
    planes: planesOf(view),
    networkHead: keepsNetworkHead(spec.regime),
  });
  const share = 1 / (view.slices?.between?.factor ?? 1);
  return { ...cost, macsPerPixel: cost.macsPerPixel * share, macs720p: cost.macs720p * share };
}
