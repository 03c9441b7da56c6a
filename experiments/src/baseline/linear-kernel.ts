import { InputError } from '@lacuna/core';
import { defaultSide, modelSpec, type ModelSpec } from '@lacuna/models';
import type { Dimensions } from '../trial/data/dimensions.js';
import type { View } from '../trial/view/view.js';
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

/**
 * @throws {InputError} for neighbouring planes that a filter would not read, and for those of LMMSE where they lie
 *   further apart than its covariances know.
 */
export function requireReader({ fit: name }: LinearSpec, { slices }: View): void {
  if (slices === null || slices.neighbours === 0) return;
  const who = `regime linear, fit ${name}`;
  const remedy = 'leave slicewise.neighbours out, or use fit: ridge';
  if (name !== 'ridge' && name !== 'lmmse')
    throw new InputError({ who, got: 'neighbouring planes', wanted: 'a filter that reads them', remedy });
  if (name === 'lmmse' && slices.between !== null)
    throw new InputError({
      who,
      got: 'neighbours and between',
      wanted: 'planes that lie one fine plane apart',
      remedy,
    });
}
