import { InputError, convertLength, createImage, type Image, type LengthUnit, type PixelSize } from '@lacuna/core';
import { clipWireframe } from './clip.js';
import { traceNetwork, type Body, type Extent, type Network, type Wireframe } from './network.js';
import type { Raster } from './raster.js';
import { drawNetwork } from './render.js';

/** A synthetic specimen with its truth. */
export interface SyntheticSpecimen {
  /** What the instrument shows at the fine pixel size, in [0, 1] (photon noise can pass 1). */
  readonly image: Image;
  /** 1 inside a tube, else 0. */
  readonly mask: Image;
  /** 1 on the centrelines, one pixel wide, else 0. */
  readonly skeleton: Image;
  readonly network: Network;
}

/** Size and seed of a specimen. */
export interface SpecimenOptions {
  readonly width: number;
  readonly height: number;
  /** Planes; 1 by default, a section in which everything lies in the plane. */
  readonly depth?: number;
  /** x and y must agree; z is x where it is left out. */
  readonly pixelSize: PixelSize;
  /** Equal seeds and options give equal specimens. */
  readonly seed: number;
}

/** The grid of a specimen, checked. */
export interface SpecimenGrid {
  readonly raster: Raster;
  readonly extent: Extent;
  readonly planar: boolean;
  readonly pixelSize: PixelSize;
}

/**
 * The grid that {@link SpecimenOptions} ask for, lengths in µm.
 * @throws {InputError} for pixels that are not square in the plane, too small or too large for the structure, and
 * specimens wider than `limits.side`.
 */
export function specimenGrid(
  who: string,
  options: SpecimenOptions,
  limits: { readonly pixel: readonly [number, number]; readonly side: number; readonly remedy: string },
): SpecimenGrid {
  const { width, height, depth = 1, pixelSize } = options;
  if (pixelSize.x !== pixelSize.y)
    throw new InputError({
      who,
      got: `pixels of ${pixelSize.x} x ${pixelSize.y} ${pixelSize.unit}`,
      wanted: 'square pixels',
    });
  const um = (length: number) => convertLength(length, pixelSize.unit, 'um');
  const pixel = { x: um(pixelSize.x), y: um(pixelSize.x), z: um(pixelSize.z ?? pixelSize.x) };
  const [low, high] = limits.pixel;
  for (const side of [pixel.x, pixel.z])
    if (!(side >= low && side <= high))
      throw new InputError({
        who,
        got: `a pixel of ${side} um`,
        wanted: `${low} to ${high} um`,
        remedy: limits.remedy,
      });
  for (const count of [width, height, depth])
    if (!Number.isInteger(count) || count < 1)
      throw new InputError({ who, got: `a size of ${count}`, wanted: 'whole numbers of at least 1' });
  if (width * height * depth > 2 ** 30)
    throw new InputError({
      who,
      got: `${width} x ${height} x ${depth} voxels`,
      wanted: 'at most 2^30',
      remedy: 'make several smaller specimens',
    });
  const extent = { width: width * pixel.x, height: height * pixel.y, depth: depth * pixel.z };
  if (Math.max(extent.width, extent.height, extent.depth) > limits.side)
    throw new InputError({
      who,
      got: `${width * pixel.x} x ${height * pixel.y}${depth > 1 ? ` x ${extent.depth}` : ''} um`,
      wanted: `at most ${limits.side} um a side`,
    });
  return {
    raster: { width, height, depth, pixel },
    extent,
    planar: depth === 1,
    pixelSize: depth > 1 ? { ...pixelSize, z: pixelSize.z ?? pixelSize.x } : pixelSize,
  };
}

/** A network before it is drawn: all that can be measured without voxels. */
export interface GrownSpecimen {
  readonly grid: SpecimenGrid;
  /** Every tube, also those whose centreline lies outside and whose body reaches in. */
  readonly wireframe: Wireframe;
  /** Its part inside. The first nodes of the network are its bodies, in this order. */
  readonly bodies: readonly Body[];
  readonly network: Network;
}

/** Cuts a grown wireframe at the faces of the grid and traces its branches. */
export function grownSpecimen(wireframe: Wireframe, grid: SpecimenGrid, lengthUnit: LengthUnit = 'um'): GrownSpecimen {
  const clipped = clipWireframe(wireframe, grid.extent);
  return {
    grid,
    wireframe,
    bodies: clipped.bodies,
    network: traceNetwork(clipped, clipped.onBorder, grid.extent, lengthUnit),
  };
}

/** Draws a grown network. The image is the drawing alone: no instrument yet. */
export function drawSpecimen(
  { grid, wireframe, network }: GrownSpecimen,
  name: string,
  brightnessOf: (radius: number) => number,
): SyntheticSpecimen {
  const { raster, pixelSize } = grid;
  const { width, height, depth } = raster;
  const drawn = drawNetwork(wireframe, network, raster, brightnessOf);
  const make = (data: Float32Array, suffix: string) =>
    createImage({ data, width, height, depth, dataRange: [0, 1], pixelSize, name: `${name}${suffix}` });
  return {
    image: make(drawn.brightness, ''),
    mask: make(Float32Array.from(drawn.mask), '-mask'),
    skeleton: make(Float32Array.from(drawn.skeleton), '-skeleton'),
    network,
  };
}
