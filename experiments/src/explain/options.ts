import { InputError, nearestName, type PixelSize } from '@lacuna/core';
import type { UpscaleOptions } from '../upscale/options.js';

/** What can be asked of a model on an image, in the order in which it is told. */
export const partNames = ['measured', 'halves', 'blank', 'shuffled'] as const;
export type PartName = (typeof partNames)[number];

/** What `lacuna explain` is told besides MODEL and IMAGE. */
export interface ExplainOptions extends Pick<
  UpscaleOptions,
  'device' | 'memory' | 'threads' | 'levels' | 'channel' | 'invert' | 'range' | 'by' | 'method' | 'trackingUri'
> {
  /** Folder of the files; null for one beside the image. */
  readonly out: string | null;
  /** Null for all that the model allows. */
  readonly parts: readonly PartName[] | null;
  /** In the numbers of the enlarged image, or Otsu's of it; null for the level that the model knows. */
  readonly level: number | 'otsu' | null;
  /** The forward model by which the scan was made; null for what the model was trained on. */
  readonly forward: string | null;
  /** Changed fields of it, `path=value`. */
  readonly set: readonly string[];
  /** Of the scan, where the file does not say it. */
  readonly pixelSize: PixelSize | null;
  readonly seed: number;
  /** How often the scan is split into halves. */
  readonly splits: number;
  readonly force: boolean;
}

/** "measured,thinning". */
export function parseParts(text: string): PartName[] {
  return text.split(',').map((part) => {
    const name = part.trim();
    const known = partNames.find((each) => each === name);
    if (known !== undefined) return known;
    const near = nearestName(name, partNames);
    throw new InputError({
      who: '--parts',
      got: name === '' ? 'an empty name' : name,
      wanted: partNames.join(', '),
      ...(near ? { remedy: `did you mean ${near}?` } : {}),
    });
  });
}
