import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { describeShape, makeFolder, printable } from '@lacuna/core';
import { byAxis, describeFactor, openImage, type OpenImage } from '@lacuna/datasets';
import { defaultMemory, type VolumeModel } from '@lacuna/onnx';
import { writeJson } from '../machine/json-file.js';
import { version } from '../machine/workspace.js';
import { comparisonTable, compareWith, earlierComparison, requireSize, type Comparison } from './compare.js';
import { besideOutput, planJobs, type Job } from './jobs.js';
import { checkImage, pixelSizeNotes } from './check-image.js';
import { contentDigest } from './content-digest.js';
import { noteFinished, shortKey, wasFinished, type Making } from './finished.js';
import { chooseLevels, type Levels } from './levels.js';
import { checkNetwork, networkOfResult } from './network.js';
import { tileOf } from './enlarge-image.js';
import { factorOf, type UpscaleModel } from './open-model.js';
import { openModels } from './open-models.js';
import type { UpscaleOptions } from './options.js';
import { UpscaleProgress } from './progress.js';
import { writtenNotes } from './written-type.js';
import { openTogether, takesHead, type Together } from './together.js';
import { secondOutput, upscaleFile } from './upscale-file.js';

/** One file that was enlarged, or found done. */
export interface Upscaled {
  readonly input: string;
  readonly written: readonly string[];
  readonly skipped: boolean;
  readonly comparison: Comparison | null;
}

/** Where a job reports what it does. */
export interface Reporter {
  readonly print: (line: string) => void;
  readonly progress: (total: number) => UpscaleProgress;
}

/** What is printed goes to the console. */
export const toConsole: Reporter = {
  print: (line) => console.log(printable(line)),
  progress: (total) => new UpscaleProgress(total),
};

/** Bytes for what the estimate of tiles does not see: codecs, garbage, the runtime's reserve. */
const RESERVE = 64 * 2 ** 20;

/**
 * Enlarges a file or a folder with a model. Everything that can be known to be wrong is said before the first tile;
 * files that an earlier, killed call finished are not made again.
 */
export async function upscale(
  text: string,
  input: string,
  output: string,
  options: UpscaleOptions,
  reporter: Reporter = toConsole,
): Promise<Upscaled[]> {
  const models = await openModels(text, options);
  const [first] = models;
  const jobs = planJobs(input, output, options.compare);
  const { run } = first;
  const total = await checkJobs(jobs, models, options);
  const others = models.length > 1 ? ` and ${models.length - 1} more` : '';
  const channels = `${run.channels} channel${run.channels === 1 ? '' : 's'}`;
  reporter.print(`model: ${first.label}${others}; x${describeFactor(factorOf(first))}, ${channels}`);
  let together: Together | null = null;
  try {
    together = await openTogether(models, options);
    const { model } = together;
    reporter.print(together.device);
    const bound = options.memory ?? process.memoryUsage.rss() + defaultMemory();
    const beside = process.memoryUsage.rss() + RESERVE;
    const context: Context = {
      model,
      models,
      options,
      room: bound - beside,
      bound: options.memory,
      progress: reporter.progress(total),
    };
    await checkRoom(jobs, context, beside);
    const results: Upscaled[] = [];
    for (const job of jobs) results.push(await runJob(job, context));
    return results;
  } finally {
    await together?.model.dispose();
  }
}

interface Context {
  readonly model: VolumeModel;
  readonly models: readonly UpscaleModel[];
  readonly options: UpscaleOptions;
  readonly room: number;
  readonly bound: number | null;
  readonly progress: UpscaleProgress;
}

/** Opens every input once: what does not fit is said before hours are spent. @returns LR pixels of all files. */
async function checkJobs(
  jobs: readonly Job[],
  models: readonly UpscaleModel[],
  options: UpscaleOptions,
): Promise<number> {
  let total = 0;
  for (const job of jobs) {
    const image = await openImage(job.input);
    try {
      for (const model of models) checkImage(image, model, options);
      if (job.reference !== null) {
        const hr = await openImage(job.reference);
        await hr.close();
        requireSize(hr, options.channel === null ? image : { ...image, channels: 1 }, factorOf(models[0]));
      }
      total += pixelsOf(image, options);
    } finally {
      await image.close();
    }
  }
  return total;
}

/** @throws {InputError} where the smallest tiles of some file do not fit into memory: before the first is begun. */
async function checkRoom(
  jobs: readonly Job[],
  { model, models, options, room }: Context,
  beside: number,
): Promise<void> {
  for (const job of jobs) {
    const image = await openImage(job.input);
    await image.close();
    checkNetwork(job, image, { model: models[0], options, head: takesHead(models, options), room });
    const channels = options.channel === null ? image.channels : 1;
    tileOf({ ...model, channels }, { image, volumes: models[0].volume !== null }, { bytes: room, beside });
  }
}

const pixelsOf = (image: OpenImage, { channel }: UpscaleOptions): number =>
  image.width * image.height * image.frames * image.depth * (channel === null ? image.channels : 1);

/** What decides a result: the model and the settings, and the content of the input. */
async function makingOf(job: Job, { models, options }: Context): Promise<Making> {
  const { selfEnsemble: oriented, levels, channel, invert } = options;
  const networks = models.map(({ digest, run }) => [digest, run.range]);
  const settings = JSON.stringify([version, networks, oriented, levels, channel, invert]);
  return {
    settings: createHash('sha256').update(settings).digest('hex'),
    input: await contentDigest(job.input),
  };
}

async function runJob(job: Job, context: Context): Promise<Upscaled> {
  const { models, options, progress } = context;
  const [first] = models;
  const image = await openImage(job.input);
  try {
    const making = await makingOf(job, context);
    const key = shortKey(making);
    const software = `Lacuna ${version} upscale ${key}`;
    const written = [
      job.output,
      ...(models.length > 1 ? [secondOutput(job.output, 'spread')] : []),
      ...(takesHead(models, options) ? [secondOutput(job.output, 'network')] : []),
    ];
    const skipped = !options.force && (await wasFinished(written, making));
    let earlier: Comparison | null = null;
    if (skipped) {
      progress.skip(pixelsOf(image, options));
      progress.print(`${image.name}: done before, ${job.output}`);
      // A job may have ended between an image and its scores, and the fine image may be named later.
      if (job.reference !== null) earlier = await earlierComparison(scoresPath(job), job.reference, key);
      if (earlier !== null) shown(earlier, context);
      if ((job.reference === null || earlier !== null) && options.network === null)
        return { input: job.input, written, skipped, comparison: earlier };
    }
    const invert = options.invert ?? (first.inverted && image.dataRange !== null);
    const levels = await levelsOf(image, invert, context);
    if (!skipped) {
      await enlargeFile(image, job, context, { levels, invert, software });
      await noteFinished(written, making);
    }
    const comparison = earlier ?? (await compared(job, context, levels.channels, key));
    const affine = levels.channels[options.channel ?? 0];
    const print = (line: string) => progress.print(line);
    const head = takesHead(models, options);
    const how = { model: first, options, affine, head, print };
    const network = options.network === null ? [] : await networkOfResult(job, how);
    return { input: job.input, written: [...written, ...network], skipped, comparison };
  } finally {
    await image.close();
  }
}

/** What becomes black and white, with a word where that hangs on something that was left open. */
async function levelsOf(image: OpenImage, invert: boolean, { models, options, progress }: Context): Promise<Levels> {
  const [first] = models;
  for (const note of [...image.notes, ...writtenNotes(image.dtype)]) progress.print(`${image.name}: ${note}`);
  if (options.invert === null && first.inverted && !invert)
    progress.print(
      `${image.name}: floats are taken as training saw them and not inverted; ` +
        'where the network is dark, give --invert',
    );
  return chooseLevels(image, first.levels, { levels: options.levels, invert, shared: first.run.channels > 1 });
}

/** Enlarges one image, and says so. */
async function enlargeFile(
  image: OpenImage,
  job: Job,
  { models, model, options, progress, room, bound }: Context,
  { levels, invert, software }: { readonly levels: Levels; readonly invert: boolean; readonly software: string },
): Promise<void> {
  const [first] = models;
  const started = performance.now();
  makeFolder(dirname(job.output));
  if (image.frames > 1) progress.print(`${image.name}: ${image.frames} time points, enlarged one by one`);
  for (const note of pixelSizeNotes(image, first)) progress.print(`${image.name}: ${note}`);
  const made = await upscaleFile(model, {
    image,
    volumes: first.volume !== null,
    output: job.output,
    levels,
    second: models.length > 1 ? 'spread' : 'network',
    channel: options.channel,
    software,
    room,
    bound,
    progress,
  });
  if (made.blended)
    progress.print(
      `${image.name}: ${first.run.name} looks at the whole image; ` +
        'tiles overlap and are blended, and differ a little from the whole',
    );
  const { x, y, z } = byAxis(factorOf(first));
  const size = describeShape({
    ...image,
    width: image.width * x,
    height: image.height * y,
    depth: image.depth * z,
    channels: options.channel === null ? image.channels : 1,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const inverted = invert ? ', inverted while enlarged' : '';
  progress.end(image.name, `${size}, ${levels.description}${inverted}, ${seconds} s: ${made.written.join(', ')}`);
}

const scoresPath = (job: Job): string => besideOutput(job.output, '-scores', '.json');

async function compared(
  job: Job,
  context: Context,
  levels: Parameters<typeof compareWith>[2]['levels'],
  result: string,
): Promise<Comparison | null> {
  const { models, options } = context;
  if (job.reference === null) return null;
  const { spec, level } = models[0];
  const evaluation = spec?.evaluation ?? null;
  const comparison = await compareWith(job.reference, job, {
    levels,
    channel: options.channel,
    factor: factorOf(models[0]),
    volumes: models[0].volume !== null,
    evaluation,
    result,
    level: options.levels === 'auto' || options.levels === 'model' ? level : null,
  });
  writeJson(scoresPath(job), comparison);
  return shown(comparison, context);
}

function shown(comparison: Comparison, { models, progress }: Context): Comparison {
  progress.print(`\n${comparisonTable(comparison, models[0].spec?.evaluation ?? null)}\n`);
  return comparison;
}
