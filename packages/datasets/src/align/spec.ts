import { z } from 'zod';

const limit = z.number().positive();

/** Limits beyond which a pair is refused. Lengths in LR pixels. */
export const alignSpec = z.strictObject({
  maxShift: limit.default(16).describe('LR pixels, along each axis'),
  maxScale: limit.max(0.2).default(0.05).describe('deviation of the ratio of pixel sizes from the factor'),
  maxDrift: limit.default(8).describe('LR pixels from the first line of the scan to the last'),
  maxResidual: limit.default(0.5).describe('what is left, LR pixels'),
});
export type AlignSpec = z.infer<typeof alignSpec>;

/** `align` of a source of measured pairs: true for the default limits. */
export const alignField = z
  .union([z.boolean(), alignSpec], 'wanted true, false, or limits: {maxShift: , maxScale: , maxDrift: , maxResidual: }')
  .optional()
  .describe(
    'estimate and undo shift, scale and drift between HR and LR; true, or the limits beyond which a pair is refused',
  );

export type AlignField = z.infer<typeof alignField>;

/** The limits of a field; null where pairs are used as they are. */
export function alignLimits(field: AlignField): AlignSpec | null {
  return field === undefined || field === false ? null : alignSpec.parse(field === true ? {} : field);
}
