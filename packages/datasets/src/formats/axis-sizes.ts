import { convertLength, readLength, type LengthUnit, type PixelSize } from '@lacuna/core';

/** What a file says of the size of a pixel along one axis. */
export interface StatedLength {
  readonly value: number;
  /** As the file spells it; undefined where it says none. */
  readonly unit: string | undefined;
}

/** A pixel size, and lines about what of it could not be used. */
export interface ReadPixelSize {
  readonly pixelSize: PixelSize | null;
  readonly notes: readonly string[];
}

/** Twelve digits: what arithmetic adds beyond them is no measurement. */
const rounded = (value: number): number => Number(value.toPrecision(12));

/**
 * The pixel size of what a file says of each axis, every axis in its own unit; all come out in the unit of x. Zero and
 * less counts as unknown. Without x nothing is known, without y pixels are square, without z the spacing of planes is
 * not known.
 */
export function pixelSizeOf(stated: {
  readonly x: StatedLength | null;
  readonly y: StatedLength | null;
  readonly z: StatedLength | null;
}): ReadPixelSize {
  const notes: string[] = [];
  const along = (axis: 'x' | 'y' | 'z'): { value: number; unit: LengthUnit } | null => {
    const said = stated[axis];
    if (!said) return null;
    if (Number.isNaN(said.value)) {
      notes.push(`pixel size along ${axis} unknown: what the file says is no number`);
      return null;
    }
    if (said.unit === undefined) {
      // A step of 1 is what writers put down who know none.
      if (said.value !== 1) notes.push(`pixel size along ${axis} unknown: the file says ${said.value} without a unit`);
      return null;
    }
    const length = readLength(said.value, said.unit);
    if (!length) {
      notes.push(`pixel size along ${axis} unknown: ${said.value} ${said.unit}, which is no unit of length`);
      return null;
    }
    if (said.value > 0 && Number.isFinite(said.value)) return length;
    notes.push(`pixel size along ${axis} unknown: the file says ${said.value} ${said.unit}`);
    return null;
  };
  const x = along('x');
  const square = stated.y === null && x !== null;
  const y = square ? x : along('y');
  if (square) notes.push('pixel size along y taken as that along x: the file does not say it');
  const z = along('z');
  const partly = [y, z].some((length) => length !== null) && stated.x === null;
  if (partly) notes.push('pixel size left out: the file does not say it along x');
  if (!x || !y) return { pixelSize: null, notes };
  const inUnitOfX = ({ value, unit }: { value: number; unit: LengthUnit }) =>
    unit === x.unit ? value : rounded(convertLength(value, unit, x.unit));
  const plane = { x: x.value, y: inUnitOfX(y), unit: x.unit };
  return { pixelSize: z ? { x: plane.x, y: plane.y, z: inUnitOfX(z), unit: x.unit } : plane, notes };
}
