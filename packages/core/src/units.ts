import { InputError } from './errors.js';
import { nanometresOf } from './length-units.js';

/** Units of length that images and specs use. */
export const lengthUnits = ['nm', 'um', 'mm'] as const;
export type LengthUnit = (typeof lengthUnits)[number];

const nanometres: Record<LengthUnit, number> = { nm: 1, um: 1e3, mm: 1e6 };

/** Size of one pixel (voxel) along x, y and, for volumes, z. */
export interface PixelSize {
  readonly x: number;
  readonly y: number;
  readonly z?: number;
  readonly unit: LengthUnit;
}

/** A unit's canonical name, from the spellings that microscope software writes; undefined for any other unit. */
export function parseLengthUnit(text: string): LengthUnit | undefined {
  const size = nanometresOf(text);
  return lengthUnits.find((unit) => nanometres[unit] === size);
}

/**
 * A length in any unit of {@link nanometresOf}, in one of ours: its own where it is one, else `otherwise`.
 * @returns undefined where the unit is no length.
 */
export function readLength(
  value: number,
  unitText: string,
  otherwise: LengthUnit = 'um',
): { value: number; unit: LengthUnit } | undefined {
  const size = nanometresOf(unitText);
  if (size === undefined) return undefined;
  const unit = parseLengthUnit(unitText);
  if (unit) return { value, unit };
  return { value: roundOff((value * size) / nanometres[otherwise]), unit: otherwise };
}

/** Twelve digits: what arithmetic adds beyond them is no measurement. */
function roundOff(value: number): number {
  return Number(value.toPrecision(12));
}

/** Converts a length between units. */
export function convertLength(value: number, from: LengthUnit, to: LengthUnit): number {
  return from === to ? value : (value * nanometres[from]) / nanometres[to];
}

/**
 * Reads "0.1um", "200 nm" or "0.1um,0.1um,0.3um" (x, y, z).
 * @throws {InputError} for no unit, an unknown unit, zero or negative lengths.
 */
export function parsePixelSize(text: string): PixelSize {
  const lengths = text.split(',').map((part) => {
    const match = /^\s*([0-9]*\.?[0-9]+(?:e[-+]?[0-9]+)?)\s*([^\s0-9]+)\s*$/i.exec(part);
    const unit = match ? parseLengthUnit(match[2]) : undefined;
    const value = match ? Number(match[1]) : NaN;
    if (!match || unit === undefined || !(value > 0) || !Number.isFinite(value)) {
      throw new InputError({
        who: 'pixel size',
        got: JSON.stringify(part),
        wanted: 'a positive length with its unit (nm, um or mm)',
        remedy: 'write for example 0.1um',
      });
    }
    return { value, unit };
  });
  if (lengths.length > 3) {
    throw new InputError({
      who: 'pixel size',
      got: `${lengths.length} lengths`,
      wanted: 'one (all axes), two (x,y) or three (x,y,z)',
    });
  }
  const unit = lengths[0].unit;
  const [x, y = x, z] = lengths.map((length) => convertLength(length.value, length.unit, unit)) as [
    number,
    number?,
    number?,
  ];
  return z === undefined ? { x, y, unit } : { x, y, z, unit };
}

/**
 * The pixel size after enlarging an image by `factor` in x and y (LR to HR: factor 4 makes pixels a quarter as wide).
 */
export function enlargedPixelSize(size: PixelSize, factor: number): PixelSize {
  return { ...size, x: size.x / factor, y: size.y / factor };
}

/** "0.1 µm" for people; "1 px" where the size is unknown. */
export function formatLength(value: number, unit: LengthUnit | 'px'): string {
  const digits = Number(value.toPrecision(4));
  return `${digits} ${unit === 'um' ? 'µm' : unit}`;
}
