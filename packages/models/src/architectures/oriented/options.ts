import { InputError } from '@lacuna/core';
import { z } from 'zod';
import { oddSide } from '../../linear/filter-options.js';

/** What a bank of oriented filters is told; what is left out follows from planes or volumes. */
export const orientedOptions = z.strictObject({
  kernel: oddSide(1)
    .optional()
    .describe('side of the filters, in LR pixels; when left out, 7 in planes and 5 in volumes'),
  orientations: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'directions that are told apart; when left out, 8 in planes and 7 in volumes, which have 1, 3 (the axes), ' +
        '7 (and the diagonals of the cube) or 13 (and those of its faces)',
    ),
  coherences: z.int().min(1).max(16).default(3).describe('bins of how much one direction prevails'),
  strengths: z.int().min(1).max(16).default(3).describe('bins of how much intensities change'),
  sharpness: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'exponent of the gates between orientations, n of cos^2n of the angle; when left out, 16 in planes and 4 in ' +
        'volumes',
    ),
});

export type OrientedOptions = z.output<typeof orientedOptions>;

/** A bank with every option filled in. */
export interface Bank {
  readonly kernel: number;
  /** [x, y] or [x, y, z] of unit length, one for each orientation. */
  readonly directions: readonly (readonly number[])[];
  readonly coherences: number;
  readonly strengths: number;
  readonly sharpness: number;
}

/** How many filters a bank has. */
export const bucketsOf = ({ directions, coherences, strengths }: Bank): number =>
  directions.length * coherences * strengths;

/**
 * The bank of a model of planes (2) or volumes (3).
 * @throws {InputError} for a number of orientations that volumes do not have.
 */
export function bankOf(options: OrientedOptions, rank: number): Bank {
  const isVolume = rank === 3;
  const { coherences, strengths } = options;
  return {
    kernel: options.kernel ?? (isVolume ? 5 : 7),
    directions: isVolume ? axesOfCube(options.orientations ?? 7) : axesOfPlane(options.orientations ?? 8),
    coherences,
    strengths,
    sharpness: options.sharpness ?? (isVolume ? 4 : 16),
  };
}

/** Directions of a plane, as many as asked for, evenly over half a turn from x towards y. */
function axesOfPlane(count: number): number[][] {
  return Array.from({ length: count }, (_, k) => [Math.cos((Math.PI * k) / count), Math.sin((Math.PI * k) / count)]);
}

/**
 * Directions of the half sphere that the symmetries of the cube carry into each other: its edges, then the diagonals of
 * the cube, then those of its faces.
 */
function axesOfCube(count: number): number[][] {
  const edges = [axis(1, 0, 0), axis(0, 1, 0), axis(0, 0, 1)];
  const corners = [axis(1, 1, 1), axis(-1, 1, 1), axis(1, -1, 1), axis(1, 1, -1)];
  const faces = [axis(1, 1, 0), axis(1, -1, 0), axis(1, 0, 1), axis(1, 0, -1), axis(0, 1, 1), axis(0, 1, -1)];
  const sets: Readonly<Record<number, number[][]>> = {
    1: [axis(1, 0, 0)],
    3: edges,
    7: [...edges, ...corners],
    13: [...edges, ...corners, ...faces],
  };
  const found = sets[count];
  if (found !== undefined) return found;
  throw new InputError({
    who: 'oriented: orientations',
    got: `${count} for volumes`,
    wanted: `${Object.keys(sets).join(', ')}: directions that the symmetries of a cube carry into each other`,
    remedy: 'set orientations: 7',
  });
}

function axis(x: number, y: number, z: number): number[] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
