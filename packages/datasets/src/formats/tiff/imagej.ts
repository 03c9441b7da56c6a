import type { StatedLength } from '../axis-sizes.js';

/** What ImageJ's description says: lines of `name=value`. SCIFIO writes the same. */
export interface ImagejDescription {
  readonly images: number;
  /** Null where the line is missing. */
  readonly channels: number | null;
  readonly slices: number | null;
  readonly frames: number | null;
  /** Distance of planes; ImageJ leaves it out where it is 1. */
  readonly spacing: number | null;
  readonly units: Readonly<Record<'x' | 'y' | 'z', string | undefined>>;
  /** Unsigned 16 bits that stand for signed ones: ImageJ's calibration function with the offset -32768. */
  readonly signed: boolean;
  /** Another calibration function of intensities. */
  readonly calibrated: boolean;
}

/** ImageJ's description; null where the text is another. */
export function parseImagej(description: string): ImagejDescription | null {
  if (!/^(ImageJ|SCIFIO)=/.test(description)) return null;
  const fields = new Map<string, string>();
  for (const line of description.split(/\r?\n/)) {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name && !fields.has(name)) fields.set(name, value.trim());
  }
  const number = (name: string): number | null => {
    const value = fields.get(name);
    return value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value);
  };
  const count = (name: string): number | null => {
    const value = number(name);
    return value !== null && Number.isInteger(value) && value >= 1 ? value : null;
  };
  const spacing = number('spacing');
  const unit = fields.get('unit') || undefined;
  const linear = number('cf') === 0 && number('c1') === 1;
  const signed = linear && number('c0') === -32768;
  return {
    images: count('images') ?? 1,
    channels: count('channels'),
    slices: count('slices'),
    frames: count('frames'),
    // Stacks that were turned about have a negative spacing.
    spacing: spacing === null ? null : Math.abs(spacing),
    units: { x: fields.get('xunit') ?? unit, y: fields.get('yunit') ?? unit, z: fields.get('zunit') ?? unit },
    signed,
    calibrated: number('cf') !== null && !signed && !(linear && number('c0') === 0),
  };
}

/** What ImageJ says of the pixel: the resolution tags along x and y, `spacing` along z. */
export function imagejLengths(
  { units, spacing, slices }: ImagejDescription,
  resolution: { readonly x: number; readonly y: number },
): Readonly<Record<'x' | 'y' | 'z', StatedLength | null>> {
  const along = (perUnit: number, unit: string | undefined) =>
    perUnit > 0 && Number.isFinite(perUnit) && !isPixel(unit) ? { value: 1 / perUnit, unit } : null;
  const distance = spacing ?? ((slices ?? 1) > 1 ? 1 : null);
  return {
    x: along(resolution.x, units.x),
    y: along(resolution.y, units.y),
    z: distance === null || isPixel(units.z) ? null : { value: distance, unit: units.z },
  };
}

/** ImageJ's words for "not calibrated". */
function isPixel(unit: string | undefined): boolean {
  return unit === undefined || /^pixels?$/i.test(unit);
}
