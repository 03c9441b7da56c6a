import { defaultSide } from '@lacuna/models';
import type { Dimensions } from '../trial/dimensions.js';
import type { LinearSpec } from './linear-spec.js';

/** The side of a filter: that of the spec, or what planes and volumes have room for. */
export function kernelOf({ kernel: given }: Pick<LinearSpec, 'kernel'>, dimensions: Dimensions): number {
  return given ?? defaultSide(dimensions);
}
