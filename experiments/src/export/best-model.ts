import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createImage, cropImage, makeFolder, writeFileAtomic, type Image } from '@lacuna/core';
import { byAxis, enlarge, normalise, readImage, writePng, type Factor, type Normalisation } from '@lacuna/datasets';
import { otsuThreshold, smooth, thinZhang, threshold } from '@lacuna/iqa';
import { readTensorFile } from '@lacuna/models';
import { exportModel } from '@lacuna/onnx';
import { canonicalJson } from '@lacuna/sweep';
import { chooseCrop } from '../figures/panel/crop.js';
import { paintInferno } from '../figures/drawing/inferno.js';
import { projected } from '../figures/volumes/projections.js';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan/plan.js';
import { layout, readResult, type TrialResult } from '../sweep/results/results.js';
import { defaultOptions } from '../upscale/options.js';
import { UpscaleProgress } from '../upscale/progress.js';
import { upscale } from '../upscale/upscale.js';
import { version } from '../machine/workspace.js';

/** What a sweep leaves for those who only want to enlarge images. */
export interface BestModel {
  readonly trial: LacunaTrial;
  readonly result: TrialResult;
  /** The model as ONNX. */
  readonly model: string;
  /** The scan that it was shown, what it made of it, and a picture of both. */
  readonly lr: string;
  readonly sr: string;
  readonly picture: string;
}

/** Side of the picture's parts, HR pixels. */
const PICTURE = 240;
/** Between them. */
const GAP = 8;

/**
 * Exports the geometry-informed model with the best validation score, by what the spec selects models by, and enlarges
 * the scan of the test region with that file; null for sweeps without such a model.
 */
export async function exportBestModel(sweep: LacunaSweep, folder: string): Promise<BestModel | null> {
  const best = bestGeometry(sweep, folder);
  if (best === null) return null;
  const { trial, result } = best;
  const from = layout.trial(folder, trial.id);
  const to = layout.model(folder);
  const lr = join(layout.images(from), 'lr.tif');
  if (!existsSync(lr)) return null;
  const model = join(to, 'model.onnx');
  const sr = join(to, 'sr.tif');
  const picture = join(to, 'picture.png');
  makeFolder(to);
  const file = readTensorFile(join(layout.checkpoints(from), 'best.safetensors'));
  writeFileAtomic(model, exportModel(file, { producerVersion: version }));
  // The scan is what training saw: inverted already where the network was dark, and of the model's levels even where
  // noise leaves its range.
  await upscale(
    model,
    lr,
    sr,
    { ...defaultOptions, force: true, invert: false, levels: 'model' },
    { print: () => undefined, progress: (total) => new UpscaleProgress(total, null) },
  );
  const hr = join(layout.images(from), 'hr.tif');
  await drawPicture(
    picture,
    { lr: await readImage(lr), sr: await readImage(sr), hr: existsSync(hr) ? await readImage(hr) : null },
    { factor: result.factor, normalisation: JSON.parse(file.metadata['normalisation']) as Normalisation },
  );
  return { trial, result, model, lr, sr, picture };
}

/** The lines that end a sweep. */
export function describeBestModel({ result, trial, model, sr, picture }: BestModel): string {
  const { metric } = trial.config.training.select;
  const score = result.validation.values[metric];
  const here = (path: string) => relative(process.cwd(), path) || path;
  return [
    `model      ${here(model)} ` +
      `(${result.name}: best validation ${metric} of the geometry-informed models, ${score?.toPrecision(4) ?? 'none'})`,
    `enlarged   ${here(sr)}, its test scan; ${here(picture)} shows both`,
    `yours      npx lacuna upscale ${here(model)} your.tif enlarged.tif --levels percentile`,
  ].join('\n');
}

/** Trials on other images than those that go on from them: their scores are no measure here. */
function preparatoryTrials({ trials }: LacunaSweep): ReadonlySet<string> {
  const imagesOf = ({ config: { data, degradation, split } }: LacunaTrial) => canonicalJson([data, degradation, split]);
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  return new Set(
    trials.flatMap((trial) => {
      const before = byId.get(trial.after ?? '');
      return before && imagesOf(before) !== imagesOf(trial) ? [before.id] : [];
    }),
  );
}

function bestGeometry(sweep: LacunaSweep, folder: string): { trial: LacunaTrial; result: TrialResult } | null {
  let best: { trial: LacunaTrial; result: TrialResult; score: number } | null = null;
  const preparatory = preparatoryTrials(sweep);
  for (const trial of sweep.trials) {
    if (trial.config.regime.kind !== 'geometry' || preparatory.has(trial.id)) continue;
    const result = readResult(layout.trial(folder, trial.id));
    const { metric, better } = trial.config.training.select;
    const value = result?.validation.values[metric];
    if (!result || result.status !== 'finished' || typeof value !== 'number') continue;
    const score = better === 'higher' ? value : -value;
    if (!best || score > best.score) best = { trial, result, score };
  }
  return best;
}

/**
 * The scan with its pixels visible, what became of it, and the fine scan where there is one, side by side: the crop
 * with the most network. Volumes are shown by their largest values along z.
 */
async function drawPicture(
  path: string,
  images: { lr: Image; sr: Image; hr: Image | null },
  { factor, normalisation }: { factor: Factor; normalisation: Normalisation },
): Promise<void> {
  const unit = (image: Image) => projected(normalise(image, normalisation, { clip: true }));
  const { x, y } = byAxis(factor);
  const sr = unit(images.sr);
  const shown = images.hr ? unit(images.hr) : sr;
  const calm = smooth(shown, 1);
  const network = thinZhang(threshold(calm, otsuThreshold(calm))).data;
  const side = Math.min(PICTURE, sr.width, sr.height);
  const box = chooseCrop(
    { kind: 'most-branches', size: side },
    { width: sr.width, height: sr.height, factor: commonMultiple(x, y), network, marks: [] },
  );
  const scan = enlarge(
    cropImage(unit(images.lr), {
      x: box.x / x,
      y: box.y / y,
      width: box.width / x,
      height: box.height / y,
    }),
    { x, y, z: 1 },
    'nearest',
  );
  const parts = [scan, ...[sr, ...(images.hr ? [shown] : [])].map((image) => cropImage(image, box))];
  const width = parts.length * (box.width + GAP) - GAP;
  const out = new Float32Array(width * box.height * 3).fill(255);
  parts.forEach((part, which) => {
    const left = which * (box.width + GAP);
    for (let y = 0; y < box.height; y++) {
      const row = paintInferno(part.data.subarray(y * box.width, (y + 1) * box.width));
      out.set(row, 3 * (y * width + left));
    }
  });
  await writePng(path, createImage({ width, height: box.height, channels: 3, dataRange: [0, 255], data: out }), {
    bits: 8,
  });
}

/** Corners and sides of a crop are whole coarse pixels along both axes. */
function commonMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}
