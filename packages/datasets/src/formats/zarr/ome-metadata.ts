import { z } from 'zod';
import { InputError, type PixelSize } from '@lacuna/core';
import { pixelSizeOf, type StatedLength } from '../axis-sizes.js';
import { damagedFile } from '../byte-source.js';
import { checked, fieldsOf, readJson } from './json.js';
import type { ZarrStore } from './store.js';

/** What OME says of an image: its largest level and how its axes lie. */
export interface OmeImage {
  readonly path: string;
  /** t, c, z, y, x or fewer, in the order of the array. */
  readonly axes: readonly string[];
  readonly pixelSize: PixelSize | null;
  readonly name: string;
  /** What wrote it (`_creator`), empty where it does not say. */
  readonly software: string;
  readonly notes: readonly string[];
}

const transform = z.looseObject({ type: z.string(), scale: z.array(z.number()).optional() });
const axis = z.looseObject({
  name: z.string(),
  unit: z.string().nullish(),
  type: z.string().nullish(),
});
const multiscale = z.looseObject({
  name: z.string().nullish(),
  axes: z.array(z.union([z.string(), axis])).optional(),
  datasets: z
    .array(z.looseObject({ path: z.string(), coordinateTransformations: z.array(transform).optional() }))
    .min(1),
  coordinateTransformations: z.array(transform).optional(),
});
const multiscales = z.array(multiscale).min(1);
type Multiscale = z.output<typeof multiscale>;
type Transform = z.output<typeof transform>;

/** Axes of images from before version 0.3, which do not name them. */
const EARLY_AXES = ['t', 'c', 'z', 'y', 'x'];

/**
 * The first image of an OME-Zarr of version 0.4 (Zarr 2) or 0.5 (Zarr 3), also where bioformats2raw put it a folder
 * deeper.
 * @throws {InputError} where there is none.
 */
export function readOme(store: ZarrStore): OmeImage {
  for (const prefix of ['', '0/']) {
    const group = fieldsOf(fieldsOf(readJson(store, `${prefix}zarr.json`))['attributes']);
    const ome = fieldsOf(group['ome']);
    const v2 = fieldsOf(readJson(store, `${prefix}.zattrs`));
    const found = ome['multiscales'] ?? v2['multiscales'];
    if (found === undefined) {
      requireImage(store, { ...v2, ...ome });
      continue;
    }
    const images = checked(store, `${prefix}${v2['multiscales'] ? '.zattrs' : 'zarr.json'}`, multiscales, found);
    const notes = others(store, prefix, images.length);
    return imageOf(store, prefix, images[0], { software: creatorOf(ome['_creator'] ?? v2['_creator']), notes });
  }
  throw new InputError({
    who: store.name,
    got: 'a folder without OME metadata (multiscales)',
    wanted: 'an OME-Zarr of version 0.4 or 0.5',
    remedy: 'convert it: bioformats2raw, or napari-ome-zarr',
  });
}

/** A plate holds images by well and field: which of them is meant, only its user knows. */
function requireImage(store: ZarrStore, attributes: Record<string, unknown>): void {
  const kind = ['plate', 'well'].find((name) => attributes[name] !== undefined);
  if (!kind) return;
  throw new InputError({
    who: store.name,
    got: `a ${kind} of many images`,
    wanted: 'one image',
    remedy: `name the folder of a field, such as ${store.name}/${kind === 'plate' ? 'A/1/0' : '0'}`,
  });
}

function others(store: ZarrStore, prefix: string, multiscalesThere: number): string[] {
  const next = prefix === '0/' && ['1/zarr.json', '1/.zattrs'].some((key) => store.get(key) !== null);
  if (next) return ['several images: the first (0) is read, no others'];
  return multiscalesThere > 1 ? [`image 1 of ${multiscalesThere} is read`] : [];
}

function imageOf(
  store: ZarrStore,
  prefix: string,
  image: Multiscale,
  { software, notes }: { software: string; notes: string[] },
): OmeImage {
  const { axes: named, datasets, coordinateTransformations: outer = [] } = image;
  const [dataset] = datasets;
  if (/(^|\/)\.\.(\/|$)|^\//.test(dataset.path))
    throw damagedFile(store.name, 'OME-Zarr', `path ${JSON.stringify(dataset.path)}`);
  const axes = (named ?? EARLY_AXES).map((one) => (typeof one === 'string' ? one : one.name).toLowerCase());
  const units = (named ?? []).map((one) => (typeof one === 'string' ? undefined : (one.unit ?? undefined)));
  const steps = [...(dataset.coordinateTransformations ?? []), ...outer].filter(({ type }) => type === 'scale');
  requireLargestFirst(store, datasets, axes.indexOf('x'));
  const along = (name: string): StatedLength | null => {
    const i = axes.indexOf(name);
    if (i < 0 || steps.length === 0) return null;
    const sizeOf = ({ scale }: Transform) => (scale?.length === axes.length ? scale[i] : NaN);
    return { value: steps.reduce((product, step) => product * sizeOf(step), 1), unit: units[i] };
  };
  const size = pixelSizeOf({ x: along('x'), y: along('y'), z: along('z') });
  return {
    path: `${prefix}${dataset.path}`,
    axes,
    pixelSize: size.pixelSize,
    name: image.name ?? '',
    software,
    notes: [
      ...notes,
      ...(named ? [] : ['axes are not named: taken as t, c, z, y, x, as in early OME-Zarr']),
      ...size.notes,
    ],
  };
}

/** OME orders levels from the largest to the smallest: the first is what is read. */
function requireLargestFirst(store: ZarrStore, datasets: Multiscale['datasets'], x: number): void {
  const steps = datasets.map(
    ({ coordinateTransformations = [] }) => coordinateTransformations.find(({ type }) => type === 'scale')?.scale?.[x],
  );
  const finer = steps.findIndex((step) => step !== undefined && steps[0] !== undefined && step < steps[0]);
  if (finer < 0) return;
  throw new InputError({
    who: store.name,
    got: `level ${datasets[finer].path} finer than the first, ${datasets[0].path}`,
    wanted: 'levels from the finest to the coarsest, as OME-Zarr has them',
    remedy: 'put the finest first in multiscales',
  });
}

/** As ome-zarr's writers note it. */
function creatorOf(value: unknown): string {
  const { name } = fieldsOf(value);
  return typeof name === 'string' ? name : '';
}
