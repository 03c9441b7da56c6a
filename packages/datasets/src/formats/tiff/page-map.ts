import { InputError } from '@lacuna/core';
import { fileName } from '../file-name.js';
import type { ImagejDescription } from './imagej.js';
import type { OmeImage, OmePlanes } from './ome-xml.js';
import { pageLayout, type PageLayout, type ShapedDescription } from './shaped.js';

/** Which page of a TIFF holds which plane. */
export interface PageMap {
  readonly frames: number;
  readonly depth: number;
  /** Channels that lie on pages of their own. */
  readonly channels: number;
  /** Axes on pages that the file names, from the slowest. */
  readonly axes: string;
  readonly notes: readonly string[];
  /**
   * What the samples of a pixel are, where the description says that they are no colours: channels of which none is
   * alpha, slices or time points.
   */
  readonly samples?: 'c' | 'z' | 't';
  page(t: number, z: number, c: number): number;
}

/** What the pages of a file are, apart from what describes them. */
export interface PageCount {
  readonly path: string;
  readonly pages: number;
  readonly width: number;
  readonly height: number;
  /** Channels that lie together on each page, without alpha. */
  readonly samples: number;
  /** The same, with alpha. */
  readonly stored: number;
}

interface Sizes {
  readonly t: number;
  readonly z: number;
  readonly c: number;
}

/** Pages of which nothing says what they are: planes of one volume, which is said. */
export function plainPages({ pages }: Pick<PageCount, 'pages'>): PageMap {
  const notes = pages > 1 ? [`${pages} pages taken as slices along z: the file does not say what they are`] : [];
  return { frames: 1, depth: pages, channels: 1, axes: pages > 1 ? 'z' : '', notes, page: (_, z) => z };
}

/**
 * Pages of an ImageJ stack: channels change fastest, then slices, then frames.
 * @throws {InputError} where the announced images are not those of the file.
 */
export function imagejPages(imagej: ImagejDescription, count: PageCount): PageMap {
  const { images, channels, slices, frames } = imagej;
  const { path, pages, samples } = count;
  const announced = [
    ...(frames === null ? [] : [`${frames} frames`]),
    ...(slices === null ? [] : [`${slices} slices`]),
    ...(channels === null ? [] : [`${channels} channels`]),
  ];
  // Channels of a colour image lie on its pages.
  const onPages = channels === samples && samples > 1 && images % channels !== 0 ? 1 : (channels ?? 1);
  const sizes = { t: frames ?? 1, z: slices ?? 1, c: onPages };
  if (announced.length === 0 && images === pages) {
    const plain = plainPages(count);
    return { ...plain, notes: pages > 1 ? [`${pages} images taken as slices along z: ImageJ does not say more`] : [] };
  }
  if (pages !== images || sizes.t * sizes.z * sizes.c !== images)
    throw countsDiffer(path, pages, `ImageJ announces ${[`${images} images`, ...announced].join(', ')}`);
  return ordered('CZT', sizes, []);
}

/**
 * Pages of an array that tifffile wrote, by the names of its axes. Axes of other names count as slices where there are
 * no others, which is said.
 * @throws {InputError} where the shape is not that of the pages, and for several axes that nobody can name.
 */
export function shapedPages(shaped: ShapedDescription, count: PageCount): PageMap {
  const { path, pages } = count;
  const layout = pageLayout(shaped, { ...count, samples: count.stored });
  const axes = layout?.pages ?? [];
  const total = axes.reduce((product, { size }) => product * size, 1);
  if (!layout || total !== pages)
    throw countsDiffer(path, pages, `the description announces an array of ${shaped.shape.join(' x ')}`);
  requireUpright(shaped, layout, path);
  if (layout.samples !== '' && layout.samples !== 'S') return shapedSamples(shaped, layout, path);
  const notes: string[] = [];
  const sizes = { t: 1, z: 1, c: 1 };
  let order = '';
  const strange = axes.filter(({ letter, size }) => size > 1 && !'TZC'.includes(letter || '?'));
  const hasZ = axes.some(({ letter, size }) => letter === 'Z' && size > 1);
  if (strange.length > 0 && hasZ)
    throw new InputError({
      who: path,
      got: `axes ${shaped.axes}`,
      wanted: 'T, Z, C, Y, X and S, each once',
      remedy: 'save it again with these axes',
    });
  if (strange.length > 0) {
    const names = shaped.axes === null ? 'without names' : `named ${strange.map(({ letter }) => letter).join(', ')}`;
    notes.push(`axes ${names} taken as z: ${strange.map(({ size }) => size).join(' x ')} slices`);
    if (strange.length < axes.filter(({ size }) => size > 1).length) return mixed(axes, notes);
    return { ...plainPages(count), notes };
  }
  for (const { letter, size } of axes) {
    const axis = letter.toLowerCase() as keyof Sizes;
    if (!(axis in sizes)) continue;
    sizes[axis] *= size;
    order = letter + order;
  }
  return ordered(order, sizes, notes);
}

/** Rows down and columns across, by their names. */
function requireUpright({ axes, shape }: ShapedDescription, { rows, columns }: PageLayout, path: string): void {
  if (axes === null || (rows === 'Y' && columns === 'X')) return;
  throw new InputError({
    who: path,
    got: `axes ${axes} of an array of ${shape.join(' x ')}, whose pages are ${rows} by ${columns}`,
    wanted: 'pages of Y by X',
    remedy: 'save it again with its axes in the order T, Z, C, Y, X',
  });
}

/**
 * Samples of a pixel that are no colours, though the file may call them so: tifffile lays three or four slices out as
 * RGB unless it is told not to. The axes on pages keep their meaning.
 */
function shapedSamples(shaped: ShapedDescription, { pages, samples }: PageLayout, path: string): PageMap {
  const axis = ({ T: 't', C: 'c' } as const)[samples] ?? 'z';
  const sizes = { t: 1, z: 1, c: 1 };
  let order = '';
  for (const { letter, size } of pages) {
    if (size === 1) continue;
    const name = letter.toLowerCase() as keyof Sizes;
    if (!(name in sizes) || name === axis)
      throw new InputError({
        who: path,
        got: `axes ${shaped.axes}, of which ${samples} lies in the samples of a pixel`,
        wanted: 'T, Z, C, Y, X, each once',
        remedy: "save it again with photometric='minisblack'",
      });
    sizes[name] *= size;
    order = letter + order;
  }
  const strange = 'TZC'.includes(samples) ? [] : [`axis named ${samples} taken as z`];
  return { ...ordered(order, sizes, strange), samples: axis };
}

/** One axis without a name among others that have one. */
function mixed(axes: readonly { letter: string; size: number }[], notes: readonly string[]): PageMap {
  const sizes = { t: 1, z: 1, c: 1 };
  let order = '';
  for (const { letter, size } of axes) {
    if (size === 1) continue;
    const axis = 'TC'.includes(letter || '?') ? letter : 'Z';
    sizes[axis.toLowerCase() as keyof Sizes] *= size;
    if (!order.includes(axis)) order = axis + order;
  }
  return ordered(order, sizes, notes);
}

/** @param order the axes from the fastest to the slowest; those that are missing have one place. */
function ordered(order: string, sizes: Sizes, notes: readonly string[]): PageMap {
  const stride = { t: 0, z: 0, c: 0 };
  let step = 1;
  for (const letter of order.toLowerCase()) {
    const axis = letter as keyof Sizes;
    stride[axis] = step;
    step *= sizes[axis];
  }
  const named = [...order.toLowerCase()].reverse().filter((axis) => sizes[axis as keyof Sizes] > 1);
  return {
    frames: sizes.t,
    depth: sizes.z,
    channels: sizes.c,
    axes: named.join(''),
    notes,
    page: (t, z, c) => t * stride.t + z * stride.z + c * stride.c,
  };
}

/**
 * Pages as OME-XML places them: `TiffData` says which page holds which plane. Of a set of files each is read for
 * itself.
 * @param first the page that the image begins at, where `TiffData` does not say it.
 * @throws {InputError} where planes that the XML announces have no page.
 */
export function omePages(image: OmeImage, count: PageCount, first: number): PageMap {
  const { path, pages, samples } = count;
  requireSize(image, count);
  requireOrder(image, path);
  const { t, z, c: all } = image.sizes;
  const together = samples > 1 && all % samples === 0 ? samples : 1;
  const c = all / together;
  const announced = `OME-XML announces ${t} time points of ${z} slices of ${all} channels`;
  const { planes, elsewhere } = planesOfFile(image, path);
  if (elsewhere.length > 0 && planes.length === 0)
    throw new InputError({
      who: path,
      got: `OME-XML whose planes lie in other files (${elsewhere.slice(0, 3).join(', ')})`,
      wanted: 'planes of this file',
      remedy: 'give the files the names that the XML has',
    });
  if (elsewhere.length === 0 && t * z * c > pages) throw countsDiffer(path, pages, announced);
  const places = placesOf(planes, image, { sizes: { t, z, c }, together, pages, first });
  const box = boxOf(places, { t, z, c });
  if (!box || (elsewhere.length === 0 && places.size !== t * z * c))
    throw new InputError({
      who: path,
      got: `OME-XML whose TiffData give a page to ${places.size} of ${t * z * c} planes`,
      wanted: 'a page for every plane',
      remedy: 'export it again: bfconvert in.ome.tif out.ome.tif',
    });
  const notes =
    elsewhere.length === 0 ? [] : [`one file of a set of ${elsewhere.length + 1}: its own planes are read, no others`];
  const sizes = { t: box.t.length, z: box.z.length, c: box.c.length };
  const key = (at: number, plane: number, channel: number) => (at * z + plane) * c + channel;
  const axes = [...image.order.toLowerCase()].reverse().filter((axis) => sizes[axis as keyof Sizes] > 1);
  return {
    frames: sizes.t,
    depth: sizes.z,
    channels: sizes.c,
    axes: axes.join(''),
    notes,
    page: (at, plane, channel) => places.get(key(box.t[at], box.z[plane], box.c[channel]))!,
  };
}

/** Pages of another size than the XML says are those of another image. */
function requireSize({ width, height }: OmeImage, count: PageCount): void {
  if ((width ?? count.width) === count.width && (height ?? count.height) === count.height) return;
  throw new InputError({
    who: count.path,
    got: `pages of ${count.width} x ${count.height} where OME-XML announces ${width} x ${height}`,
    wanted: 'a description of these pages',
    remedy: 'export it again: bfconvert in.ome.tif out.ome.tif',
  });
}

function requireOrder({ strangeOrder, sizes }: OmeImage, path: string): void {
  if (strangeOrder === null || [sizes.t, sizes.z, sizes.c].filter((size) => size > 1).length < 2) return;
  throw new InputError({
    who: path,
    got: `the order of axes ${JSON.stringify(strangeOrder)} in OME-XML`,
    wanted: 'X, Y, then Z, C and T in any order, such as XYZCT',
    remedy: 'export it again: bfconvert in.ome.tif out.ome.tif',
  });
}

/** Pages that an image takes, where its `TiffData` does not number them. */
export function omePageCount({ sizes }: OmeImage, samples: number): number {
  const together = samples > 1 && sizes.c % samples === 0 ? samples : 1;
  return (sizes.t * sizes.z * sizes.c) / together;
}

/**
 * The planes of this file, and the names of other files of its set. A single name is that of this file, renamed or not.
 */
function planesOfFile(image: OmeImage, path: string): { planes: readonly OmePlanes[]; elsewhere: string[] } {
  const names = [...new Set(image.planes.flatMap(({ file }) => (file === null ? [] : [fileName(file)])))];
  if (names.length < 2) return { planes: image.planes, elsewhere: [] };
  const own = fileName(path);
  const planes = image.planes.filter(({ file }) => file === null || fileName(file) === own);
  return { planes, elsewhere: names.filter((name) => name !== own) };
}

interface Space {
  readonly sizes: Sizes;
  readonly together: number;
  readonly pages: number;
  readonly first: number;
}

/** Page of each plane, by (t · Z + z) · C + c; pages beyond the file and planes beyond the sizes are left out. */
function placesOf(planes: readonly OmePlanes[], { order }: OmeImage, space: Space): Map<number, number> {
  const { sizes, together, pages, first } = space;
  const places = new Map<number, number>();
  const blocks: readonly Partial<OmePlanes>[] = planes.length === 0 ? [{}] : planes;
  for (const { ifd = null, z = 0, c = 0, t = 0, count = null } of blocks) {
    const at = { z, c: Math.floor(c / together), t };
    const from = ifd ?? first;
    const most = count ?? (ifd === null ? Infinity : 1);
    for (let i = 0; i < most && from + i < pages; i++) {
      if (at.t >= sizes.t || at.z >= sizes.z || at.c >= sizes.c) break;
      places.set((at.t * sizes.z + at.z) * sizes.c + at.c, from + i);
      advance(at, order, sizes);
    }
  }
  return places;
}

/** To the next plane in the order of the axes; beyond the last one, beyond the slowest axis. */
function advance(at: { t: number; z: number; c: number }, order: string, sizes: Sizes): void {
  const axes = [...order.toLowerCase()] as (keyof Sizes)[];
  for (const [i, axis] of axes.entries()) {
    at[axis]++;
    if (at[axis] < sizes[axis] || i === axes.length - 1) return;
    at[axis] = 0;
  }
}

/** The time points, slices and channels that have pages; null where they leave gaps. */
function boxOf(places: ReadonlyMap<number, number>, { z, c }: Sizes): Record<keyof Sizes, number[]> | null {
  const found = { t: new Set<number>(), z: new Set<number>(), c: new Set<number>() };
  for (const key of places.keys()) {
    found.c.add(key % c);
    found.z.add(Math.floor(key / c) % z);
    found.t.add(Math.floor(key / c / z));
  }
  const total = found.t.size * found.z.size * found.c.size;
  if (total === 0 || total !== places.size) return null;
  const sorted = (values: Set<number>) => [...values].sort((a, b) => a - b);
  return { t: sorted(found.t), z: sorted(found.z), c: sorted(found.c) };
}

function countsDiffer(path: string, pages: number, announced: string): InputError {
  return new InputError({
    who: path,
    got: `${pages} page${pages === 1 ? '' : 's'} where ${announced}`,
    wanted: 'a page for every plane that is announced, and no others',
    remedy: 'export it again: the recording or the copy may have been cut short',
  });
}
