import { parsePixelSize, type Rng } from '@lacuna/core';
import { exposureOptions, type OwnStructure, type Tube, type TubeSpace } from '@lacuna/datasets';
import { z } from 'zod';
import { calling, callable, optionFields, ownOptions, parseEntry, requireDefaults, type EntryOf } from './entry.js';
import { ExtensionError } from './extension-error.js';

/** A tube as an extension gives it; z may be left out of planes. */
interface GivenTube {
  readonly points: readonly { readonly x: number; readonly y: number; readonly z?: number; readonly radius: number }[];
  readonly kind?: string;
}

/** A synthetic structure as an extension gives it. Lengths are in µm. */
export interface StructureEntry {
  /** Fields of `data.structure`, each described and with a default. */
  readonly options: z.ZodRawShape;
  /** The pixel size that suits it, as "0.1um". */
  readonly pixelSize: string;
  /** Tubes; those with a point in common hang together there. What leaves the space is cut at its faces. */
  readonly grow: (space: TubeSpace, options: never, rng: Rng) => readonly GivenTube[];
  /** Brightness of a tube by its radius, at most 1; 1 where left out. */
  readonly brightness?: (radius: number, options: never) => number;
}

const entrySchema = z.strictObject({
  options: optionFields,
  pixelSize: z.string().refine(isPixelSize, 'a length, as "0.1um"'),
  grow: callable<(space: TubeSpace, options: object, rng: Rng) => unknown>(),
  brightness: callable<(radius: number, options: object) => unknown>().optional(),
});

function isPixelSize(text: string): boolean {
  try {
    parsePixelSize(text);
    return true;
  } catch {
    return false;
  }
}

const tubeSchema = z.array(
  z.object({
    points: z
      .array(z.object({ x: z.number(), y: z.number(), z: z.number().optional(), radius: z.number().positive() }))
      .min(2),
    kind: z.string().min(1).default('tube'),
  }),
);

/** A structure that holds an extension's to what one gives. */
export function guardedStructure(of: EntryOf, entry: unknown): OwnStructure {
  const { options, pixelSize, grow, brightness } = parseEntry(entrySchema, entry, of);
  requireDefaults(of, options, Object.keys(exposureOptions));
  return {
    name: of.name,
    options,
    pixelSize,
    grow: (space, spec, rng) => {
      const made = calling(of, 'grow', () => grow(space, ownOptions(spec, options), rng));
      return requireTubes(of, made, space);
    },
    brightness: (radius, spec) => {
      if (!brightness) return 1;
      const found = calling(of, 'brightness', () => brightness(radius, ownOptions(spec, options)));
      if (typeof found === 'number' && Number.isFinite(found)) return found;
      const who = `${of.file}: brightness of ${of.name}`;
      throw new ExtensionError({ who, got: String(found), wanted: 'a finite number, at most 1' });
    },
  };
}

function requireTubes({ file, name }: EntryOf, made: unknown, { planar, depth }: TubeSpace): Tube[] {
  const who = `${file}: grow of ${name}`;
  const parsed = tubeSchema.safeParse(made);
  if (!parsed.success) {
    const path = parsed.error.issues[0].path.map(String).join('.');
    const got =
      path === '' ? `${made === null ? 'null' : typeof made}, no list` : `tubes whose ${path} is of another form`;
    const wanted =
      '[{ points: [{ x, y, z, radius }, ...] }, ...] in µm, finite, of two points and more, radius above 0';
    throw new ExtensionError({ who, got, wanted });
  }
  if (parsed.data.length === 0) throw new ExtensionError({ who, got: 'no tube', wanted: 'a network' });
  const middle = depth / 2;
  return parsed.data.map(({ points, kind }) => ({
    kind,
    points: points.map(({ x, y, z: height, radius }) => ({ x, y, z: planar ? middle : (height ?? middle), radius })),
  }));
}
