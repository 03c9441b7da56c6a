import { InputError, type PixelSize, type Rng } from '@lacuna/core';
import type { z } from 'zod';
import type { ForwardKernels } from './sampling.js';

/** A degradation of others: a kernel along each axis, and what happens to each row of the coarse image after it. */
export interface OwnDegradation {
  /** Fields of its spec besides `kind` and `factor`. */
  readonly options: z.ZodRawShape;
  /** Its linear part, whose strides are the factor: what losses and adjoints are told too. */
  readonly kernels: (spec: object, pixelSize: PixelSize | null) => ForwardKernels;
  /** Noise, saturation: changes a row in place, by numbers of a stream of the row's own. */
  readonly row: ((row: Float32Array, spec: object, stream: Rng) => void) | null;
}

const registered = new Map<string, OwnDegradation>();

/** A degradation of others by its `kind`; null for Lacuna's own. */
export const ownDegradation = (kind: string): OwnDegradation | null => registered.get(kind) ?? null;

/** All that were registered, by `kind`. */
export const ownDegradations = (): ReadonlyMap<string, OwnDegradation> => registered;

/**
 * Adds a degradation of others to this process, beside Lacuna's own.
 * @param taken kinds of Lacuna's own.
 * @throws {InputError} where the name is taken.
 */
export function addDegradation(kind: string, degradation: OwnDegradation, taken: readonly string[]): void {
  if (taken.includes(kind) || registered.has(kind))
    throw new InputError({ who: `degradation ${kind}`, got: 'a name that is taken', wanted: 'a name of its own' });
  registered.set(kind, degradation);
}
