import { z } from 'zod';

/**
 * Where a spec says that a trained model comes from: a method of its sweep, or a file.
 * @param file what the file may be. @param whole what is said of both.
 */
export const modelSource = (file: string, whole: string) =>
  z
    .strictObject({
      method: z
        .string()
        .min(1)
        .optional()
        .describe('a method of the sweep, whose trial of the same axes and seed is run before'),
      file: z.string().min(1).meta({ format: 'path' }).optional().describe(file),
    })
    .refine((source) => (source.method === undefined) !== (source.file === undefined), 'either method or file')
    .describe(whole);
