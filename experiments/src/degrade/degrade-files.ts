import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, createRng, describeShape, formatLength, printable, type PixelSize } from '@lacuna/core';
import {
  factorsOf,
  openImage,
  planDegradation,
  type Block,
  type DegradationPlan,
  type DegradationSpec,
  type OpenImage,
  type SampleType,
} from '@lacuna/datasets';
import { ownerOf } from '../extensions/registry.js';
import { writeJson } from '../machine/json-file.js';
import { besideOutput, planJobs, stemOf, type Job } from '../upscale/jobs.js';
import { chooseLevels, type Levels } from '../upscale/levels.js';
import type { PlanePlace } from '../upscale/plane-places.js';
import { clearRemains, openRows } from '../upscale/rows-out.js';
import { writtenNotes, writtenType } from '../upscale/written-type.js';
import { version } from '../machine/workspace.js';

/** What `lacuna degrade` can be told besides its model. */
export interface DegradeOptions {
  readonly spec: DegradationSpec;
  readonly seed: number;
  /** What becomes 0 and 1: two percentiles of the file, its range, or two numbers. */
  readonly levels: 'percentile' | 'range' | { readonly low: number; readonly high: number };
  /** For files that do not say theirs. */
  readonly pixelSize: PixelSize | null;
  /** Last rows, columns and planes that do not fill a coarse pixel are left out. */
  readonly crop: boolean;
  readonly force: boolean;
}

/** One file that was made, and how. */
export interface Degraded {
  readonly input: string;
  readonly output: string;
  readonly provenance: string;
  readonly steps: readonly string[];
}

/** Percentiles of training's normalisation, so that a file gets the noise that a sweep gives. */
const PERCENTILES = [0.5, 99.8] as const;
/** Fine values that are worked on at a time. */
const BLOCK_VALUES = 2 ** 22;

/**
 * Makes coarse images of a file, a stack or a folder. Every input is opened and checked before the first is worked on.
 * Files are read and written in bands of rows, in the type of the input; the noise of a pixel depends on the seed, the
 * file's name and its place.
 */
export async function degradeFiles(
  input: string,
  output: string,
  options: DegradeOptions,
  print: (line: string) => void = (line) => console.log(printable(line)),
): Promise<Degraded[]> {
  const jobs = planJobs(input, output, null);
  for (const job of jobs) {
    if (existsSync(job.output) && !options.force)
      throw new InputError({
        who: job.output,
        got: 'a file that is there already',
        wanted: 'a new name',
        remedy: 'name another output, or write over it with --force',
      });
    await withImage(job, (image) => {
      prepare(image, options);
    });
  }
  const made: Degraded[] = [];
  for (const job of jobs) made.push(await withImage(job, (image) => degradeOne(image, job, options, print)));
  return made;
}

async function withImage<T>(job: Job, work: (image: OpenImage) => Promise<T> | T): Promise<T> {
  const image = await openImage(job.input);
  try {
    return await work(image);
  } finally {
    await image.close();
  }
}

/** The fine image as it is used, and what will be done to it. */
interface Prepared {
  /** Of one time point. */
  readonly size: { readonly width: number; readonly height: number; readonly depth: number; readonly channels: number };
  /** Planes of the coarse image, each with the degradation that makes it. */
  readonly planes: readonly CoarsePlane[];
  readonly to: DegradationPlan['to'];
  readonly steps: readonly string[];
  readonly pixelSize: PixelSize | null;
}

/** A plane of the result: where it lies, and plane `index` of which plan it is. */
interface CoarsePlane {
  readonly place: PlanePlace;
  readonly plan: DegradationPlan;
  readonly index: number;
  /** Where a plane of the plan's fine image lies in the file. */
  readonly fine: (index: number) => PlanePlace;
}

function prepare(image: OpenImage, { spec, seed, crop, pixelSize: given }: DegradeOptions): Prepared {
  const { channels, name, frames } = image;
  const factors = factorsOf(spec);
  const pixelSize = given ?? image.pixelSize;
  const fit = (length: number, factor: number) => (crop ? length - (length % factor) || length : length);
  const size = {
    width: fit(image.width, factors.x),
    height: fit(image.height, factors.y),
    depth: fit(image.depth, factors.z),
    channels,
  };
  const rng = createRng(seed).fork('degrade').fork(stemOf(name));
  if (image.depth === 1 && frames > 1) {
    refuseAlongZ(name, frames, spec);
    // Time points of a plane have no spacing: their PSF lies in the plane. The noise of each is its own.
    const flat = pixelSize && { x: pixelSize.x, y: pixelSize.y, unit: pixelSize.unit };
    const plan = planDegradation(spec, { ...size, depth: frames, pixelSize: flat, name }, rng);
    const fine = (index: number) => ({ t: index, z: 0 });
    const planes = Array.from({ length: frames }, (_, t) => ({ place: { t, z: 0 }, plan, index: t, fine }));
    return { size, planes, to: { ...plan.to, depth: 1 }, steps: plan.steps, pixelSize };
  }
  const plans = Array.from({ length: frames }, (_, t) =>
    planDegradation(spec, { ...size, pixelSize, name }, frames > 1 ? rng.fork(`time point ${t}`) : rng),
  );
  const planes = plans.flatMap((plan, t) =>
    Array.from({ length: plan.to.depth }, (_, z) => ({
      place: { t, z },
      plan,
      index: z,
      fine: (index: number) => ({ t, z: index }),
    })),
  );
  return { size, planes, to: plans[0].to, steps: plans[0].steps, pixelSize };
}

function refuseAlongZ(name: string, frames: number, spec: DegradationSpec): void {
  const { z } = factorsOf(spec);
  const axialBlur = 'psfSigmaPx' in spec && typeof spec.psfSigmaPx === 'object' && spec.psfSigmaPx.z > 0;
  if (z === 1 && !axialBlur) return;
  throw new InputError({
    who: name,
    got: `${frames} time points and ${axialBlur ? 'a PSF' : `a factor of ${z}`} along z`,
    wanted: 'planes of one volume',
    remedy: 'leave z out: time points are degraded one by one',
  });
}

async function degradeOne(
  image: OpenImage,
  job: Job,
  options: DegradeOptions,
  print: (line: string) => void,
): Promise<Degraded> {
  const started = performance.now();
  const prepared = prepare(image, options);
  const { size, to } = prepared;
  const levels = await chooseLevels(
    image,
    { name: '', normalisation: null, dataRange: null, percentiles: PERCENTILES, flattened: false },
    { levels: options.levels, invert: false, shared: false },
  );
  // The planes of a time series keep whatever spacing the file says.
  const factors = factorsOf(options.spec);
  const coarseSize = prepared.pixelSize && {
    ...prepared.pixelSize,
    x: prepared.pixelSize.x * factors.x,
    y: prepared.pixelSize.y * factors.y,
    ...(prepared.pixelSize.z === undefined ? {} : { z: prepared.pixelSize.z * factors.z }),
  };
  const coarse = coarseType(image, levels);
  clearRemains(job.output);
  const out = openRows(job.output, {
    ...to,
    frames: image.frames,
    type: coarse.type,
    channelLayout: image.channelLayout,
    pixelSize: coarseSize,
    software: `Lacuna ${version} degrade`,
    dataRange: coarse.shown ?? levels.dataRange,
  });
  try {
    const deep = prepared.planes[0].plan.need({ z: 0, depth: 1, y: 0, height: 1 }).depth;
    const fineRow = size.width * size.channels * Math.max(1, factors.y) * Math.max(1, deep);
    const rows = Math.max(1, Math.min(to.height, Math.floor(BLOCK_VALUES / fineRow)));
    for (const { place, plan, index, fine } of prepared.planes) {
      for (let y = 0; y < to.height; y += rows) {
        const block: Block = { z: index, depth: 1, y, height: Math.min(rows, to.height - y) };
        const values = await fineValues(image, plan.need(block), { width: size.width, fine }, levels);
        await out.writeRows(place, y, block.height, restored(plan.run(block, values), levels, coarse.bounded));
      }
    }
    await out.finish();
  } catch (error) {
    await out.abandon();
    throw error;
  }
  const provenance = besideOutput(job.output, '-degradation', '.json');
  const extension = ownerOf('degradation', options.spec.kind);
  writeJson(provenance, {
    input: basename(job.input),
    output: basename(job.output),
    lacuna: version,
    seed: options.seed,
    degradation: options.spec,
    ...(extension === undefined ? {} : { extension: { ...extension, file: basename(extension.file) } }),
    steps: prepared.steps,
    size: { fine: size, coarse: to, frames: image.frames },
    pixelSize: { fine: prepared.pixelSize, coarse: coarseSize },
    levels: levels.channels.map(({ scale, offset }) => ({ low: -offset / scale, high: (1 - offset) / scale })),
  });
  for (const note of [...image.notes, ...coarse.notes]) print(`${image.name}: ${note}`);
  print(
    [
      `${image.name}: ${describeShape(size)} to ${describeShape(to)}`,
      image.frames > 1 ? `, ${image.frames} time points one by one` : '',
      pixelText(coarseSize),
      `; ${prepared.steps.join('; ')}; ${levels.description}; `,
      `${((performance.now() - started) / 1000).toFixed(1)} s: ${job.output}`,
    ].join(''),
  );
  return { input: job.input, output: job.output, provenance, steps: prepared.steps };
}

/** Grey levels between black and white below which an integer type would round what the degradation makes. */
const FEWEST_LEVELS = 16;

/** How a result is stored. */
interface CoarseType {
  readonly type: SampleType;
  /** Whether values stay within what the file's own type holds. */
  readonly bounded: boolean;
  /** What viewers show from black to white, where it is not what the file's own type holds. */
  readonly shown?: readonly [number, number];
  readonly notes: readonly string[];
}

/** The type of the result: that of the file, or floats where its own has no room for what lies between its levels. */
function coarseType(image: OpenImage, { channels }: Levels): CoarseType {
  const type = writtenType(image.dtype);
  const span = Math.min(...channels.map(({ scale }) => Math.abs(1 / scale)));
  const notes = writtenNotes(image.dtype);
  if (type === 'float32' || span >= FEWEST_LEVELS) return { type, bounded: image.dataRange !== null, notes };
  const levels = Number(span.toPrecision(3));
  const ends = channels.flatMap(({ scale, offset }) => [-offset / scale, (1 - offset) / scale]);
  return {
    type: 'float32',
    bounded: false,
    shown: [Math.min(...ends), Math.max(...ends)],
    notes: [`black and white are ${levels} apart, too little for the grey levels of ${type}: written as 32-bit floats`],
  };
}

function pixelText(size: PixelSize | null): string {
  if (size === null) return '';
  const sides = [size.x, size.y, ...(size.z === undefined ? [] : [size.z])];
  return `, pixels of ${sides.map((side) => formatLength(side, size.unit)).join(' x ')}`;
}

/** Rows of some planes in [0, 1]. */
async function fineValues(
  image: OpenImage,
  { z, depth, y, height }: Block,
  { width, fine }: { readonly width: number; readonly fine: CoarsePlane['fine'] },
  { channels: affines }: Levels,
): Promise<Float32Array> {
  const { channels } = image;
  const row = width * channels;
  const out = new Float32Array(depth * height * row);
  for (let plane = 0; plane < depth; plane++)
    out.set(await image.readRegion({ ...fine(z + plane), y, width, height }), plane * height * row);
  for (let c = 0; c < channels; c++) {
    const { scale, offset } = affines[c];
    for (let i = c; i < out.length; i += channels) out[i] = out[i] * scale + offset;
  }
  return out;
}

/** Back to the numbers of the file; integers stay within what its kind can hold. */
function restored(
  values: Float32Array,
  { channels: affines, dataRange: [low, high] }: Levels,
  bounded: boolean,
): Float32Array {
  for (const [c, { scale, offset }] of affines.entries()) {
    for (let i = c; i < values.length; i += affines.length) {
      const value = (values[i] - offset) / scale;
      values[i] = bounded ? Math.min(high, Math.max(low, value)) : value;
    }
  }
  return values;
}
