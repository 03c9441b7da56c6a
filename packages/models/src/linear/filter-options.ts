import { z } from 'zod';

/** The side of a filter that is centred on a coarse pixel, in LR pixels. */
export const oddSide = (least: number) =>
  z
    .int()
    .min(least)
    .max(31)
    .refine((side) => side % 2 === 1, {
      error: 'wanted an odd number: the filter is centred on a coarse pixel',
      abort: true,
    });

/** The side of a filter as specs name it. */
export const filterSide = oddSide(3)
  .optional()
  .describe('side of the filter, in LR pixels; when left out, 7 in planes and 5 in volumes');

/** How much ridge regression holds its weights down. */
export const ridgeStrength = z
  .number()
  .positive()
  .default(1e-3)
  .describe("ridge alone: weight of |W|², as a share of a pixel's variance");
