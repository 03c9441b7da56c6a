import type sharp from 'sharp';

/**
 * Sharp, loaded when it is first needed: its native library takes as long to load as a tenth of a program's start, and
 * most calls read or write neither PNG nor JPEG.
 */
export const loadSharp = (): Promise<typeof sharp> => import('sharp').then((module) => module.default);
