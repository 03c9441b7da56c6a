import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError, createRng, describeShape, formatLength, type PixelSize } from '@lacuna/core';
import {
  factorsOf,
  openImage,
  planDegradation,
  type Block,
  type DegradationPlan,
  type ForwardModelSpec,
  type OpenImage,
} from '@lacuna/datasets';
import { writeJson } from '../machine/json-file.js';
import { besideOutput, planJobs, stemOf, type Job } from '../upscale/jobs.js';
import { chooseLevels, type Levels } from '../upscale/levels.js';
import { clearRemains, openRows, writtenType } from '../upscale/rows-out.js';
import { version } from '../machine/workspace.js';

/** What `lacuna degrade` can be told besides its model. */
export interface DegradeOptions {
  readonly spec: ForwardModelSpec;
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
 * Makes coarse images of a file, a stack or a folder. Every input is opened and checked before the first is worked on. Files are read and written in
 * bands of rows, in the type of the input; the noise of a pixel depends on the seed, the file's name and its place.
 */
export async function degradeFiles(
  input: string,
  output: string,
  options: DegradeOptions,
  say: (line: string) => void = (line) => console.log(line),
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
  for (const job of jobs) made.push(await withImage(job, (image) => degradeOne(image, job, options, say)));
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
  readonly size: { readonly width: number; readonly height: number; readonly depth: number; readonly channels: number };
  readonly plan: DegradationPlan;
  readonly pixelSize: PixelSize | null;
}

function prepare(image: OpenImage, { spec, seed, crop, pixelSize: given }: DegradeOptions): Prepared {
  const { channels, name } = image;
  const factors = factorsOf(spec);
  const known = given ?? image.pixelSize;
  const timed = image.axes === 'tyxc' && image.depth > 1;
  const axialBlur = 'psfSigmaPx' in spec && typeof spec.psfSigmaPx === 'object' && spec.psfSigmaPx.z > 0;
  if (timed && (factors.z > 1 || axialBlur))
    throw new InputError({
      who: name,
      got: `${image.depth} time points and ${axialBlur ? 'a PSF' : `a factor of ${factors.z}`} along z`,
      wanted: 'planes of one volume',
      remedy: 'leave z out: time points are degraded one by one',
    });
  // Time points have no spacing: their PSF lies in the plane.
  const pixelSize = known && timed ? { x: known.x, y: known.y, unit: known.unit } : known;
  const fit = (length: number, factor: number) => (crop ? length - (length % factor) || length : length);
  const size = {
    width: fit(image.width, factors.x),
    height: fit(image.height, factors.y),
    depth: fit(image.depth, factors.z),
    channels,
  };
  const plan = planDegradation(spec, { ...size, pixelSize, name }, createRng(seed).fork('degrade').fork(stemOf(name)));
  return { size, plan, pixelSize: known };
}

async function degradeOne(
  image: OpenImage,
  job: Job,
  options: DegradeOptions,
  say: (line: string) => void,
): Promise<Degraded> {
  const started = performance.now();
  const prepared = prepare(image, options);
  const { size, plan } = prepared;
  const { to } = plan;
  const levels = await chooseLevels(
    image,
    { name: '', normalisation: null, dataRange: null, percentiles: PERCENTILES, flattened: false },
    { levels: options.levels, invert: false, shared: false },
  );
  // The planes of a time series keep whatever spacing the file says.
  const factors = factorsOf(options.spec);
  const coarse = prepared.pixelSize && {
    ...prepared.pixelSize,
    x: prepared.pixelSize.x * factors.x,
    y: prepared.pixelSize.y * factors.y,
    ...(prepared.pixelSize.z === undefined ? {} : { z: prepared.pixelSize.z * factors.z }),
  };
  clearRemains(job.output);
  const out = openRows(job.output, {
    ...to,
    type: writtenType(image.dtype),
    channelLayout: image.channelLayout,
    pixelSize: coarse,
    software: `Lacuna ${version} degrade`,
    dataRange: levels.dataRange,
  });
  try {
    const rows = Math.max(
      1,
      Math.min(
        to.height,
        Math.floor(
          BLOCK_VALUES /
            (size.width *
              size.channels *
              Math.max(1, factors.y) *
              Math.max(1, plan.need({ z: 0, depth: 1, y: 0, height: 1 }).depth)),
        ),
      ),
    );
    for (let z = 0; z < to.depth; z++) {
      for (let y = 0; y < to.height; y += rows) {
        const block: Block = { z, depth: 1, y, height: Math.min(rows, to.height - y) };
        await out.writeRows(
          z,
          y,
          block.height,
          restored(plan.run(block, await fineValues(image, plan.need(block), size.width, levels)), levels, image),
        );
      }
    }
    await out.finish();
  } catch (error) {
    await out.abandon();
    throw error;
  }
  const provenance = besideOutput(job.output, '-degradation', '.json');
  writeJson(provenance, {
    input: basename(job.input),
    output: basename(job.output),
    lacuna: version,
    seed: options.seed,
    degradation: options.spec,
    steps: plan.steps,
    size: { fine: size, coarse: to },
    pixelSize: { fine: prepared.pixelSize, coarse },
    levels: levels.channels.map(({ scale, offset }) => ({ low: -offset / scale, high: (1 - offset) / scale })),
  });
  const pixel = coarse
    ? `, pixels of ${[coarse.x, coarse.y, ...(coarse.z === undefined ? [] : [coarse.z])].map((side) => formatLength(side, coarse.unit)).join(' x ')}`
    : '';
  say(
    `${image.name}: ${describeShape(size)} to ${describeShape(to)}${pixel}; ${plan.steps.join('; ')}; ${levels.words}; ${((performance.now() - started) / 1000).toFixed(1)} s: ${job.output}`,
  );
  return { input: job.input, output: job.output, provenance, steps: plan.steps };
}

/** Rows of some planes in [0, 1]. */
async function fineValues(
  image: OpenImage,
  { z, depth, y, height }: Block,
  width: number,
  { channels: affines }: Levels,
): Promise<Float32Array> {
  const { channels } = image;
  const row = width * channels;
  const out = new Float32Array(depth * height * row);
  for (let plane = 0; plane < depth; plane++)
    out.set(await image.readRegion({ z: z + plane, y, width, height }), plane * height * row);
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
  image: OpenImage,
): Float32Array {
  for (const [c, { scale, offset }] of affines.entries()) {
    for (let i = c; i < values.length; i += affines.length) {
      const value = (values[i] - offset) / scale;
      values[i] = image.dataRange === null ? value : Math.min(high, Math.max(low, value));
    }
  }
  return values;
}
