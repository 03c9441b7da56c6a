import { InputError, nearestName, type PixelSize } from '@lacuna/core';
import type { UpscaleOptions } from '../upscale/options.js';

/** What can be asked of a model on an image, in the order in which it is told. */
export const partNames = [
  'measured',
  'halves',
  'blank',
  'shuffled',
  'attribution',
  'layer',
  'head',
  'seeds',
  'calibration',
  'conformal',
] as const;
export type PartName = (typeof partNames)[number];

/** What `lacuna explain` is told besides MODEL and IMAGE. */
export interface ExplainOptions extends Pick<
  UpscaleOptions,
  | 'device'
  | 'memory'
  | 'threads'
  | 'levels'
  | 'channel'
  | 'invert'
  | 'range'
  | 'by'
  | 'method'
  | 'trackingUri'
  | 'uncertainty'
> {
  /** Folder of the files; null for one beside the image. */
  readonly out: string | null;
  /** Null for all that can be told from what is given. */
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
  /** The branch whose origin is asked for; null for the longest of the weakest third. */
  readonly branch: number | null;
  /** Images that tell false branches from others: `validation`, or a folder of fine images; null for none. */
  readonly calibrate: string | null;
  /** Share of false branches that is allowed; null where nobody asks. */
  readonly alpha: number | null;
  /** Images that the promise is held to: `test`, or a folder of fine images; null for none. */
  readonly check: string | null;
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

/** "0.1". */
export function parseAlpha(text: string): number {
  const alpha = Number(text);
  if (text.trim() !== '' && alpha > 0 && alpha < 1) return alpha;
  throw new InputError({ who: '--alpha', got: text, wanted: 'a share between 0 and 1, such as 0.1' });
}

/**
 * The parts that a call asks for, or all that it can have: seeds with --uncertainty, calibration with
 * --calibrate, conformal with --alpha. Whether a model has a head, only it knows.
 * @throws {InputError} for parts without what they need.
 */
export function partsOf({
  parts,
  calibrate,
  alpha,
  check,
  uncertainty,
}: Pick<ExplainOptions, 'parts' | 'calibrate' | 'alpha' | 'check' | 'uncertainty'>): PartName[] {
  const missing: Partial<Record<PartName, string>> = {
    ...(calibrate === null ? { calibration: '--calibrate', conformal: '--calibrate' } : {}),
    ...(uncertainty === null ? { seeds: '--uncertainty' } : {}),
    ...(alpha === null ? { conformal: '--alpha' } : {}),
  };
  if (alpha !== null && calibrate === null)
    throw new InputError({
      who: '--alpha',
      got: String(alpha),
      wanted: 'images that tell which branches are false',
      remedy: 'add --calibrate validation, or --calibrate FOLDER',
    });
  if (check !== null && alpha === null)
    throw new InputError({
      who: '--check',
      got: check,
      wanted: 'a promise that is held to these images',
      remedy: 'add --alpha, such as --alpha 0.1',
    });
  const named = parts?.find((part) => missing[part] !== undefined);
  if (named !== undefined)
    throw new InputError({ who: `--parts ${named}`, got: `no ${missing[named]}`, wanted: `${missing[named]} as well` });
  return [...(parts ?? partNames.filter((part) => missing[part] === undefined))];
}
