import { defaultSide, modelSpec, type ModelSpec } from '@lacuna/models';
import type { Dimensions } from '../trial/dimensions.js';
import type { LinearSpec } from './linear-spec.js';

/** The side of a filter: that of the spec, or what planes and volumes have room for. */
export function kernelOf({ kernel: given }: Pick<LinearSpec, 'kernel'>, dimensions: Dimensions): number {
  return given ?? defaultSide(dimensions);
}

/** The model that a fit becomes; of smoothed interpolation, whose width decides its side, one of the usual side. */
export function linearModel(spec: LinearSpec, dimensions: Dimensions): ModelSpec {
  const kernel = kernelOf(spec, dimensions);
  if (spec.fit !== 'oriented-ridge') return { name: 'linear', kernel };
  return modelSpec.parse({ name: 'oriented', kernel, ...spec.bank });
}
