import { createHash } from 'node:crypto';
import { basename, extname, relative, sep } from 'node:path';
import { InputError, createImage, describeShape, parsePixelSize, type Image } from '@lacuna/core';
import { readFrames, readImage } from '../formats/read.js';
import { preprocess, type PreprocessSpec } from '../preprocess/preprocess.js';
import type { Role } from '../split/place.js';
import type { Network } from '../synthesize/network.js';
import { isStructure, structures, type StructureName } from '../synthesize/structures.js';
import { loadBiosr, loadCaco2 } from './adapters.js';
import { fetchEntry, type FetchOptions } from './fetch.js';
import { readManifest } from './manifest.js';
import { MeasuredPairs, checkPair, requireSameFrames, type PairOptions } from './measured-pairs.js';
import { registryEntry, registryIds, termsOf, type RegistryEntry } from './registry.js';
import { joinCrops } from './rock-pair.js';
import { composed, folderPaths, pairFolders, pick, stemOf, under } from './source-files.js';
import type { DataSpec } from './spec.js';
import { takeFiles } from './take-files.js';

/** Truth of a synthetic image, on its grid. */
export interface Truth {
  readonly mask: Image;
  readonly skeleton: Image;
  readonly network: Network;
}

/** Preprocessed images of one source and what must be said of them. */
export interface LoadedSource {
  /** Fine images or volumes of one channel, the network bright. */
  readonly images: readonly Image[];
  /** Measured coarse scans, one for each image, where the source brings them. */
  readonly lr: readonly Image[] | null;
  /** True networks, one for each image, where the source is synthetic. */
  readonly truth: readonly Truth[] | null;
  /** Whether an image is for training, validation or test, by its name, where the user said so for all of them. */
  readonly roles?: ReadonlyMap<string, Role>;
  /** How far places of a measured pair lie apart at most after alignment, HR pixels, where it was looked at. */
  readonly residual?: number;
  /** One line: what it is, whose, under which licence; synthetic data say so. */
  readonly description: string;
  /** SHA-256 over sizes and intensities of all images, hexadecimal. */
  readonly digest: string;
}

/** Where relative folders start, and whom to tell. */
export interface LoadOptions extends Omit<FetchOptions, 'onProgress'>, PairOptions {
  readonly baseDir: string;
}

/**
 * Images of a data spec, fetched where needed, read and preprocessed.
 * @throws {InputError} for folders or files that are missing, damaged or do not match.
 * @throws {FailureError} for downloads that fail.
 */
export async function loadSource(spec: DataSpec, options: LoadOptions): Promise<LoadedSource> {
  const parts = await loadParts(spec, options);
  return { ...parts, digest: digestOf([...parts.images, ...(parts.lr ?? [])]) };
}

type Parts = Omit<LoadedSource, 'digest'>;
type Of<Source extends DataSpec['source']> = Extract<DataSpec, { source: Source }>;
type OfRegistry = Extract<DataSpec, { source: (typeof registryIds)[number] }>;

async function loadParts(spec: DataSpec, options: LoadOptions): Promise<Parts> {
  switch (spec.source) {
    case 'folder':
      return loadFolder(spec, options);
    case 'pairs':
      return loadPairs(spec, options);
    case 'rock-pair':
      return loadRockPair(spec, options);
    case 'sr-caco-2':
    case 'biosr':
      return loadAdapted(spec, options);
    case 'manifest':
      return loadManifest(spec, options);
    default:
      return isSynthetic(spec) ? loadSynthetic(spec) : loadRegistry(spec, options);
  }
}

const isSynthetic = (spec: DataSpec): spec is Of<StructureName> => isStructure(spec.source);

async function loadRegistry(spec: OfRegistry, options: LoadOptions): Promise<Parts> {
  const entry = registryEntry(spec.source);
  const names = pick(Object.keys(entry.files), spec.slices, `data ${entry.id}`);
  const paths = await fetchSaid(entry, names, options);
  // What the entry advises fits its own frame; a spec that crops knows better.
  const settings: PreprocessSpec = { ...entry.defaults, ...given(spec) };
  const images: Image[] = [];
  for (const path of paths) {
    const image = withoutOffset(await readImage(path), entry.offset);
    images.push(preprocess({ ...image, pixelSize: image.pixelSize ?? entry.pixelSize }, settings));
  }
  const description = `${entry.title}; ${entry.attribution}; ${entry.licence}`;
  const roles = new Map(entry.id === 'drive' ? images.map(({ name }) => [name, driveRole(name)] as const) : []);
  return {
    ...(new Set(roles.values()).size === 3 ? { roles } : {}),
    images: entry.layout === 'stack' ? [stackImages(images, entry.id)] : images,
    lr: null,
    truth: null,
    description,
  };
}

/** Fetches files of an entry and says whose they are. */
function fetchSaid(entry: RegistryEntry, names: readonly string[], options: LoadOptions): Promise<string[]> {
  const { onProgress } = options;
  onProgress?.(`data ${entry.id}: ${names.length} file${names.length === 1 ? '' : 's'}, ${entry.licence}`);
  const terms = termsOf(entry);
  if (terms) onProgress?.(terms);
  return fetchEntry(
    entry.id,
    {
      ...options,
      onProgress: ({ file, received, total }) =>
        onProgress?.(`${basename(file)}: ${Math.floor((100 * received) / total)} % of ${(total / 1e6).toFixed(1)} MB`),
    },
    names,
  );
}

async function loadRockPair(spec: Of<'rock-pair'>, options: LoadOptions): Promise<Parts> {
  const entry = registryEntry(spec.source);
  const names = Object.keys(entry.files);
  const paths = await fetchSaid(entry, names, options);
  const settings: PreprocessSpec = { ...entry.defaults, ...given(spec) };
  const volume = async (folder: 'LR' | 'HR', scale: number, side: number): Promise<Image> => {
    const crops = [];
    for (const [i, file] of names.entries())
      if (file.startsWith(`${folder}/`))
        crops.push({ number: Number(basename(file, '.tif')), image: await readImage(paths[i]) });
    const pixelSize = { x: side, y: side, z: side, unit: 'um' } as const;
    return preprocess(joinCrops(crops, { scale, pixelSize, name: entry.id }), settings);
  };
  const pairs = new MeasuredPairs(spec.align, options);
  const { hr, lr } = pairs.take(await volume('HR', 3, 2), await volume('LR', 1, 6));
  return {
    images: [hr],
    lr: [lr],
    truth: null,
    ...pairs.residual(),
    description: `${entry.title}; ${entry.attribution}; ${entry.licence}${pairs.summary()}`,
  };
}

async function loadAdapted(spec: Of<'sr-caco-2'> | Of<'biosr'>, options: LoadOptions): Promise<Parts> {
  const entry = registryEntry(spec.source);
  const terms = termsOf(entry);
  if (terms) options.onProgress?.(terms);
  const { images, lr, roles } = await (spec.source === 'biosr' ? loadBiosr(spec, options) : loadCaco2(spec, options));
  images.forEach((image, i) => checkPair(image, lr[i]));
  const settings = given(spec);
  return {
    images: images.map((image) => preprocess(image, settings)),
    lr: lr.map((image) => preprocess(image, { ...settings, pixelSize: undefined })),
    truth: null,
    ...(roles ? { roles } : {}),
    description: `${entry.title}; ${entry.attribution}; ${entry.licence}; ${images.length} pairs`,
  };
}

/** DRIVE's own split; the last four of its training images validate. */
function driveRole(name: string): Role {
  const image = Number(/^\d+/.exec(name)?.[0]);
  if (image <= 20) return 'test';
  return image > 36 ? 'validation' : 'training';
}

async function loadFolder(spec: Of<'folder'>, { baseDir, onProgress }: LoadOptions): Promise<Parts> {
  const { folder, paths, isPattern } = folderPaths(spec, baseDir);
  const images: Image[] = [];
  for (const path of paths) {
    // Files of several folders may have one name: where they lie tells them apart.
    const below = isPattern ? relative(folder, path).split(sep).slice(0, -1) : [];
    for (const frame of await readFrames(path, { time: spec.time, onNote: onProgress })) {
      const image = preprocess(frame, given(spec));
      images.push({ ...image, name: composed([...below, image.name].join('/')) });
    }
  }
  return {
    images: spec.stack ? [stackImages(images, basename(folder))] : images,
    lr: null,
    truth: null,
    description: `${images.length} images of ${basename(folder)}`,
  };
}

async function loadManifest(spec: Of<'manifest'>, options: LoadOptions): Promise<Parts> {
  const { baseDir, onProgress } = options;
  const path = under(baseDir, spec.path);
  const rows = readManifest(path);
  const images: Image[] = [];
  const lr: Image[] = [];
  const roles = new Map<string, Role>();
  const counts = new Map<string, number>();
  const pairs = new MeasuredPairs(spec.align, options);
  for (const row of rows) {
    const fine = await readFrames(row.path, { time: spec.time, onNote: onProgress });
    const scans = row.lr === null ? null : await readFrames(row.lr, { time: spec.time, onNote: onProgress });
    if (scans) requireSameFrames(row.path, fine.length, scans.length);
    for (const [t, frame] of fine.entries()) {
      // Images of one specimen are told apart by a number; the split keeps them together by what is before it.
      const count = counts.get(row.specimen) ?? 0;
      const name = `${row.specimen}[${count}]`;
      counts.set(row.specimen, count + 1);
      if (row.role) roles.set(name, row.role);
      const hr = { ...preprocess(frame, given(spec)), name };
      if (!scans) {
        images.push(hr);
        continue;
      }
      const scan = { ...preprocess(scans[t], { ...given(spec), pixelSize: undefined }), name };
      const pair = pairs.take(hr, scan);
      images.push(pair.hr);
      lr.push(pair.lr);
    }
  }
  if (spec.align && lr.length === 0)
    throw new InputError({
      who: path,
      got: 'align without measured scans',
      wanted: 'the column lr',
      remedy: 'leave out data.align',
    });
  return {
    images,
    lr: lr.length > 0 ? lr : null,
    truth: null,
    ...(roles.size > 0 ? { roles } : {}),
    ...pairs.residual(),
    description: `${images.length} images of ${counts.size} specimens, ${basename(path)}${pairs.summary()}`,
  };
}

async function loadPairs(spec: Of<'pairs'>, options: LoadOptions): Promise<Parts> {
  const { baseDir, onProgress } = options;
  const hrFolder = under(baseDir, spec.hr);
  const lrFolder = under(baseDir, spec.lr);
  const { fine: paths, coarse } = pairFolders(spec, baseDir);
  const images: Image[] = [];
  const lr: Image[] = [];
  const pairs = new MeasuredPairs(spec.align, options);
  for (const path of paths) {
    const partner = coarse.get(stemOf(path));
    if (!partner)
      throw new InputError({
        who: path,
        got: `no ${stemOf(path)}${extname(path)} in ${lrFolder}`,
        wanted: 'a coarse scan of the same name',
        remedy: 'name both files alike',
      });
    coarse.delete(stemOf(path));
    const reading = { time: spec.time, onNote: onProgress, settings: given(spec) };
    for (const pair of await takeFiles(pairs, { hr: path, lr: partner }, reading)) {
      images.push(pair.hr);
      lr.push(pair.lr);
    }
  }
  const [alone] = coarse.values();
  if (alone)
    throw new InputError({
      who: alone,
      got: `no HR image of that name in ${hrFolder}`,
      wanted: 'a fine image of the same name',
      remedy: 'name both files alike',
    });
  return {
    images,
    lr,
    truth: null,
    ...pairs.residual(),
    description: `${images.length} measured pairs of ${basename(hrFolder)} and ${basename(lrFolder)}${pairs.summary()}`,
  };
}

function loadSynthetic({
  source,
  width,
  height,
  depth,
  images: count,
  seed,
  phenotype,
  structure: fields,
  pixelSize: side,
}: Of<StructureName>): Parts {
  const structure = structures[source];
  const pixelSize = parsePixelSize(side);
  const spec = { ...(phenotype === 'aged' ? structure.aged : {}), ...fields };
  const made = Array.from({ length: count }, (_, i) =>
    structure.synthesize({ width, height, depth, pixelSize, seed: seed + i, spec }),
  );
  return {
    images: made.map(({ image }) => image),
    lr: null,
    truth: made.map(({ mask, skeleton, network }) => ({ mask, skeleton, network })),
    description:
      `synthetic ${source}${phenotype === 'aged' ? ', aged' : ''}, ` +
      `${count} specimen${count === 1 ? '' : 's'} from seed ${seed}; network metrics compare with the true network`,
  };
}

/** Slices of one size, one after the other. */
function stackImages(images: readonly Image[], name: string): Image {
  const [first] = images;
  const size = first.width * first.height * first.channels;
  const data = new Float32Array(size * images.reduce((sum, image) => sum + image.depth, 0));
  let at = 0;
  for (const image of images) {
    if (image.width !== first.width || image.height !== first.height)
      throw new InputError({
        who: `stack ${name}`,
        got: `${image.name} of ${describeShape(image)} after ${describeShape(first)}`,
        wanted: 'slices of one size',
      });
    data.set(image.data, at);
    at += image.data.length;
  }
  const dataRange = [
    Math.min(...images.map((image) => image.dataRange[0])),
    Math.max(...images.map((image) => image.dataRange[1])),
  ] as const;
  return createImage({
    data,
    width: first.width,
    height: first.height,
    depth: data.length / size,
    dataRange,
    pixelSize: first.pixelSize,
    name,
  });
}

/** Signed intensities that were stored as unsigned. */
function withoutOffset(image: Image, offset: number): Image {
  if (offset === 0) return image;
  return {
    ...image,
    data: image.data.map((value) => value - offset),
    dataRange: [image.dataRange[0] - offset, image.dataRange[1] - offset],
  };
}

function given({ channel, invert, flatten, crop, pixelSize }: PreprocessSpec): PreprocessSpec {
  return Object.fromEntries(
    Object.entries({ channel, invert, flatten, crop, pixelSize }).filter(([, value]) => value !== undefined),
  );
}

function digestOf(images: readonly Image[]): string {
  const hash = createHash('sha256');
  for (const { data, width, height, depth, channels } of images) {
    hash.update(`${width} ${height} ${depth} ${channels}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
