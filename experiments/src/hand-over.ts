import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createImage, cropImage, makeFolder, mapImage, writeFileAtomic, type Image } from '@lacuna/core';
import { enlarge, normalise, readImage, writePng, type Normalisation } from '@lacuna/datasets';
import { readTensorFile } from '@lacuna/models';
import { exportModel } from '@lacuna/onnx';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import { layout, readResult, type TrialResult } from './results.js';
import { defaultOptions } from './upscale/options.js';
import { UpscaleProgress } from './upscale/progress.js';
import { upscale } from './upscale/upscale.js';
import { version } from './workspace.js';

/** What a sweep leaves for those who only want to enlarge images. */
export interface HandOver {
  readonly trial: LacunaTrial;
  readonly result: TrialResult;
  /** The model as ONNX. */
  readonly model: string;
  /** The scan that it was shown, what it made of it, and a picture of both. */
  readonly lr: string;
  readonly sr: string;
  readonly picture: string;
}

/** Side of the picture's two parts, HR pixels. */
const PICTURE = 320;
/** Between them. */
const GAP = 8;

/**
 * Exports the geometry-informed model with the best validation score, by what the spec selects models by, and enlarges the scan of the test
 * region with that file; null for sweeps without such a model.
 */
export async function handOver(sweep: LacunaSweep, folder: string): Promise<HandOver | null> {
  const best = bestGeometry(sweep, folder);
  if (best === null) return null;
  const { trial, result } = best, from = layout.trial(folder, trial.id), to = layout.model(folder), lr = join(layout.images(from), 'lr.tif');
  if (!existsSync(lr)) return null;
  const model = join(to, 'model.onnx'), sr = join(to, 'sr.tif'), picture = join(to, 'picture.png');
  makeFolder(to);
  const file = readTensorFile(join(layout.checkpoints(from), 'best.safetensors'));
  writeFileAtomic(model, exportModel(file, { producerVersion: version }));
  // The scan is what training saw: inverted already where the network was dark.
  await upscale(model, lr, sr, { ...defaultOptions, force: true, invert: false }, { say: () => undefined, progress: (total) => new UpscaleProgress(total, null) });
  await drawPicture(picture, await readImage(lr), await readImage(sr), { factor: result.factor, normalisation: JSON.parse(file.metadata['normalisation']!) as Normalisation });
  return { trial, result, model, lr, sr, picture };
}

/** The lines that end a sweep. */
export function describeHandOver({ result, trial, model, sr, picture }: HandOver): string {
  const { metric } = trial.config.training.select, score = result.validation.values[metric], here = (path: string) => relative(process.cwd(), path) || path;
  return [
    `model      ${here(model)} (${result.name}: best validation ${metric} of the geometry-informed models, ${score?.toPrecision(4) ?? 'none'})`,
    `enlarged   ${here(sr)}, its test scan; ${here(picture)} shows both`,
    `yours      npx lacuna upscale ${here(model)} your.tif enlarged.tif --levels percentile`,
  ].join('\n');
}

function bestGeometry(sweep: LacunaSweep, folder: string): { trial: LacunaTrial; result: TrialResult } | null {
  let best: { trial: LacunaTrial; result: TrialResult; score: number } | null = null;
  for (const trial of sweep.trials) {
    if (trial.config.regime.kind !== 'geometry') continue;
    const result = readResult(layout.trial(folder, trial.id)), { metric, better } = trial.config.training.select, value = result?.validation.values[metric];
    if (!result || result.status !== 'finished' || typeof value !== 'number') continue;
    const score = better === 'higher' ? value : -value;
    if (!best || score > best.score) best = { trial, result, score };
  }
  return best;
}

/** The middle of the scan with its pixels visible, and of what became of it, side by side. */
async function drawPicture(path: string, lr: Image, sr: Image, { factor, normalisation }: { factor: number; normalisation: Normalisation }): Promise<void> {
  const side = Math.floor(Math.min(PICTURE, sr.width, sr.height) / factor) * factor, small = side / factor;
  const x = Math.floor((lr.width - small) / 2), y = Math.floor((lr.height - small) / 2);
  const left = enlarge(cropImage(lr, { x, y, width: small, height: small }), factor, 'nearest'), right = cropImage(sr, { x: x * factor, y: y * factor, width: side, height: side });
  const grey = (image: Image) => mapImage(normalise(image, normalisation, { clip: true }), [0, 255], (value) => 255 * value);
  const width = 2 * side + GAP, out = createImage({ width, height: side, dataRange: [0, 255], data: new Float32Array(width * side).fill(255) });
  for (const [image, start] of [[grey(left), 0], [grey(right), side + GAP]] as const) for (let row = 0; row < side; row++) out.data.set(image.data.subarray(row * side, (row + 1) * side), row * width + start);
  await writePng(path, out, { bits: 8 });
}
