import { basename } from 'node:path';
import { InputError, createRng, cropImage, describeShape, type Image } from '@lacuna/core';
import {
  byAxis,
  degrade,
  listImages,
  normalise,
  oneFrame,
  openImage,
  type DegradationSpec,
  type OpenImage,
} from '@lacuna/datasets';
import { layout } from '../../sweep/results/results.js';
import { readTrialJob } from '../../sweep/plan/stored-sweep.js';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import { findOwnLevel } from '../../trial/scores/own-level.js';
import { prepareData, type PreparedData } from '../../trial/data/prepare.js';
import { factorOf, type UpscaleModel } from '../../upscale/open-model.js';
import { isOneField } from './one-field.js';
import { readChannel, type ScanOptions } from '../read-scan.js';
import { readNetwork, type ReadNetwork } from '../read-network.js';

/** A scan whose network is known: the truth of a synthetic image, or what the fine image shows. */
export interface CalibrationCase {
  readonly name: string;
  readonly lr: Image;
  readonly reference: ReadNetwork;
}

/** What `--calibrate` says for the validation split of the spec that a model was trained by. */
export const VALIDATION = 'validation';
/** What `--check` says for its test split. */
export const TEST = 'test';

/** The data of a trial, and how its scores read networks. */
export interface TrialData extends PreparedData {
  readonly evaluation: TrialSpec['evaluation'];
}

/**
 * The data of the trial that trained a model.
 * @throws {FailureError} where the folder of the trial is damaged.
 */
export async function dataOfTrial(trial: string): Promise<TrialData> {
  const { trial: planned, baseDir } = readTrialJob(layout.trialFile(trial));
  const { config } = planned;
  return { ...(await prepareData(config, { baseDir })), evaluation: config.evaluation };
}

/**
 * The level that says the network of further fine images: the one common to all methods; where networks are known, the
 * one at which the fine images of the validation split show them best.
 */
export function levelOfFineImages(data: TrialData): number {
  const { validation, level } = data;
  if (validation.some(({ truth }) => truth === null)) return level;
  const own = findOwnLevel(
    validation,
    validation.map(({ hr }) => hr),
    data,
  );
  return own.level ?? level;
}

/**
 * Regions of a model's own spec, with their true networks where these are known: those of validation, which chose the
 * model's checkpoint and its level, but none of its weights; or those of the test.
 */
export function splitCases(data: TrialData, split: typeof VALIDATION | typeof TEST): CalibrationCase[] {
  const {
    level,
    evaluation: { smoothing },
  } = data;
  const regions = split === TEST ? data.test() : data.validation;
  return regions.map(({ region, lr, hr, truth }) => ({
    name: `${region.box.image} at ${region.box.x}, ${region.box.y}`,
    lr,
    reference: truth ?? readNetwork(hr, { level, smoothing }),
  }));
}

/** What fine images of a folder are made scans by. */
export interface FolderOptions extends ScanOptions {
  readonly degradation: DegradationSpec;
  /** Of the network in fine images, normalised. */
  readonly level: number;
  readonly smoothing: number;
  readonly seed: number;
  /** The scan that is explained: fine images are held to its kind, and may not be it. */
  readonly explained: Image;
  /** The option that names the folder. */
  readonly who: '--calibrate' | '--check';
  /** The data that the model knows; null where nobody says. */
  readonly known: PreparedData | null;
}

/**
 * Fine images of a folder: the known degradation makes their scans, and the common level says their networks.
 * @throws {InputError} for images that do not suit the model, and those of its own data.
 */
export async function folderCases(
  folder: string,
  model: UpscaleModel,
  options: FolderOptions,
): Promise<CalibrationCase[]> {
  const { degradation, level, smoothing, seed, explained, who, known } = options;
  const cases: CalibrationCase[] = [];
  for (const path of listImages(folder)) {
    const opened = await openImage(path);
    try {
      requireKind(opened, explained.depth > 1, who);
      const { image } = await readChannel(oneFrame(opened), model, options);
      if (who === '--calibrate' && isSame(clipped(image), clipped(explained)))
        throw overlapping(opened.name, explained);
      if (known !== null) requireNew(image, known, who);
      const hr = wholePixels(image, model);
      const rng = createRng(seed).fork('calibration').fork(basename(path));
      const reference = readNetwork(hr, { level, smoothing });
      cases.push({ name: basename(path), lr: degrade(hr, degradation, rng), reference });
    } finally {
      await opened.close();
    }
  }
  return cases;
}

/**
 * Networks of planes and of volumes are not counted together.
 * @throws {InputError} for a plane among stacks, or a stack among planes.
 */
function requireKind(image: OpenImage, isVolume: boolean, who: FolderOptions['who']): void {
  if (image.depth > 1 === isVolume) return;
  throw new InputError({
    who: `${who}: ${image.name}`,
    got: describeShape(image),
    wanted: isVolume ? 'stacks, as the scan that is explained is one' : 'planes, as the scan that is explained is one',
    remedy: 'name a folder of images of one kind',
  });
}

/** As much of a fine image as fills coarse pixels. */
function wholePixels(image: Image, model: UpscaleModel): Image {
  const { x, y, z } = byAxis(factorOf(model));
  const fit = (length: number, factor: number) => length - (length % factor);
  const size = { width: fit(image.width, x), height: fit(image.height, y), depth: fit(image.depth, z) };
  return cropImage(image, { x: 0, y: 0, z: 0, ...size });
}

/** @throws {InputError} for an image that the model's own sweep has. */
function requireNew(image: Image, { source, normalisation }: PreparedData, who: FolderOptions['who']): void {
  const own = source.images.find((each) => isSame(normalise(each, normalisation, { clip: true }), clipped(image)));
  if (own === undefined) return;
  throw new InputError({
    who: `${who}: ${image.name}`,
    got: `${own.name}, an image of the sweep that trained the model`,
    wanted: 'images that neither training nor test has seen',
    remedy: `take others, or ${who} ${who === '--check' ? TEST : VALIDATION}`,
  });
}

/**
 * @throws {InputError} where the scan that is explained, or another one of its field, is among those that calibrate.
 */
export function requireApart(lr: Image, cases: readonly CalibrationCase[]): void {
  const same = cases.find((each) => isSame(each.lr, lr) || isOneField(each.lr, lr));
  if (same !== undefined) throw overlapping(same.name, lr);
}

/** @throws {InputError} where images that a promise is held to show a field that it was made from. */
export function requireOthers(checked: readonly CalibrationCase[], calibrated: readonly CalibrationCase[]): void {
  for (const { name, lr } of checked) {
    const same = calibrated.find((each) => isSame(each.lr, lr) || isOneField(each.lr, lr));
    if (same === undefined) continue;
    throw new InputError({
      who: '--check',
      got: `${name}, which shows the field of ${same.name} in --calibrate`,
      wanted: 'images that the level was not chosen by',
      remedy: 'take the image out of either',
    });
  }
}

const overlapping = (name: string, lr: Image): InputError =>
  new InputError({
    who: '--calibrate',
    got: `${name}, which shows the field of the scan that is explained (${lr.name})`,
    wanted: 'a calibration set that does not overlap the test',
    remedy: 'take the image out of it, or explain another',
  });

const clipped = (image: Image): Image => ({
  ...image,
  data: image.data.map((value) => Math.min(1, Math.max(0, value))),
});

/** Rounding of files, normalised. */
const ROUNDING = 2e-3;

function isSame(a: Image, b: Image): boolean {
  if (a.width !== b.width || a.height !== b.height || a.depth !== b.depth) return false;
  return a.data.every((value, i) => Math.abs(value - b.data[i]) < ROUNDING);
}
