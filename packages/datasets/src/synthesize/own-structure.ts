import { createRng, type LengthUnit, type Rng } from '@lacuna/core';
import { z } from 'zod';
import { expose, type Exposure } from './expose.js';
import type { Wireframe } from './network.js';
import {
  drawSpecimen,
  grownSpecimen,
  specimenGrid,
  type GrownSpecimen,
  type SpecimenOptions,
  type SyntheticSpecimen,
} from './specimen.js';

/** A tube of a structure: its centreline with the radius at each point, all in µm. */
export interface Tube {
  readonly points: readonly { readonly x: number; readonly y: number; readonly z: number; readonly radius: number }[];
  /** What it is in its tissue. */
  readonly kind: string;
}

/** The space that a structure grows in, µm from its corner; tubes may leave it, and are cut there. */
export interface TubeSpace {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** One plane: everything lies in the middle of its depth. */
  readonly planar: boolean;
  /** Sides of a voxel. */
  readonly pixel: { readonly x: number; readonly y: number; readonly z: number };
}

/** A synthetic structure of others: tubes, and how bright one is. */
export interface OwnStructure {
  readonly name: string;
  /** Fields of `data.structure`, all with a default; those of the fine scan ({@link exposureOptions}) come on top. */
  readonly options: z.ZodRawShape;
  readonly pixelSize: string;
  /** Tubes; those that have a point in common hang together there. */
  readonly grow: (space: TubeSpace, options: object, rng: Rng) => readonly Tube[];
  /** Brightness of a tube by its radius in µm, at most 1. */
  readonly brightness: (radius: number, options: object) => number;
}

const share = z.number().min(0).max(1);

/** What the instrument at the fine pixel size does: fields of every structure of others. */
export const exposureOptions = {
  background: share.default(0.04).describe('of full intensity'),
  psfSigma: z.number().min(0).default(0.09).describe('sigma of the PSF that the fine image has already, µm'),
  psfSigmaZ: z.number().min(0).default(0.25).describe('volumes: its sigma along z, µm'),
  photons: z.number().positive().nullable().default(400).describe('at full intensity; null for no photon noise'),
};

/** Widest specimen, µm: what is larger is another unit, not another size. */
const LARGEST_SIDE = 100_000;

/** A structure of others as the catalogue of structures has its own. */
export function ownStructure({ name, options, pixelSize, grow, brightness }: OwnStructure) {
  const spec = z.strictObject({ ...options, ...exposureOptions });
  type Given = SpecimenOptions & { readonly spec?: object };
  const optionsOf = (given: Given) => spec.parse(given.spec ?? {}) as Exposure;
  const grown = (given: Given): GrownSpecimen => {
    const grid = specimenGrid(`synthesize ${name}`, given, {
      pixel: [1e-4, 1e4],
      side: LARGEST_SIDE,
      remedy: 'set data.pixelSize in nm, um or mm',
    });
    const space = { ...grid.extent, planar: grid.planar, pixel: grid.raster.pixel };
    const tubes = grow(space, optionsOf(given), createRng(given.seed).fork(name));
    return grownSpecimen(wireframeOf(tubes), grid, 'um' satisfies LengthUnit);
  };
  return {
    spec,
    aged: {},
    pixelSize,
    grow: grown,
    synthesize(given: Given): SyntheticSpecimen {
      const own = optionsOf(given);
      const drawn = drawSpecimen(
        grown(given),
        `${name}-${given.seed}`,
        (radius) => (1 - own.background) * Math.min(1, Math.max(0, brightness(radius, own))),
      );
      return { ...drawn, image: expose(drawn.image, own, createRng(given.seed).fork(name).fork('photons')) };
    },
  };
}

/** Straight pieces between the points of tubes; points at one place are one vertex. */
function wireframeOf(tubes: readonly Tube[]): Wireframe {
  const x: number[] = [];
  const y: number[] = [];
  const z: number[] = [];
  const segments: Wireframe['segments'] = [];
  const known = new Map<string, number>();
  const vertexAt = (point: Tube['points'][number]): number => {
    const place = `${point.x} ${point.y} ${point.z}`;
    const found = known.get(place);
    if (found !== undefined) return found;
    known.set(place, x.length);
    x.push(point.x);
    y.push(point.y);
    return z.push(point.z) - 1;
  };
  for (const { points, kind } of tubes) {
    for (let i = 1; i < points.length; i++) {
      const [from, to] = [points[i - 1], points[i]];
      const [a, b] = [vertexAt(from), vertexAt(to)];
      if (a !== b) segments.push({ a, b, radiusA: from.radius, radiusB: to.radius, kind });
    }
  }
  return { x, y, z, segments, bodies: [], anchors: new Map() };
}
