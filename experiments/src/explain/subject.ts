import { InputError, createRng, type Image, type Rng } from '@lacuna/core';
import { byAxis, oneFrame, openImage, type DegradationSpec } from '@lacuna/datasets';
import { otsuThreshold, smooth } from '@lacuna/iqa';
import { defaultMemory } from '@lacuna/onnx';
import { measureNetwork, type MeasuredNetwork } from '../network/measured.js';
import { usualSmoothing } from '../network/network-of-files.js';
import { coverageNotes, coveredBy } from '../network/read-network.js';
import { requireNetworkRoom } from '../network/write-network.js';
import { checkImage } from '../upscale/check-image.js';
import type { Affine } from '../upscale/levels.js';
import { locateModel } from '../upscale/locate-model.js';
import { levelOfHead, levelOfModel } from '../upscale/network-level.js';
import { factorOf, type UpscaleModel } from '../upscale/open-model.js';
import { openModels } from '../upscale/open-models.js';
import { defaultOptions } from '../upscale/options.js';
import { forwardOf } from './forward.js';
import type { ExplainOptions } from './options.js';
import { readChannel, type Scan } from './read-scan.js';
import { readNetwork, type NetworkReading, type ReadNetwork, type Restored, type Restorer } from './read-network.js';
import { openRestorer } from './restorer.js';

/** px within which two centrelines are one, where a model's training does not say it. */
const USUAL_TOLERANCE = 2;

/** A model, a scan, and the network that the model finds in it: what is explained. */
export interface Subject {
  /** Of the image. */
  readonly name: string;
  /** What was assumed or changed while it was read. */
  readonly notes: readonly string[];
  readonly model: UpscaleModel;
  /** Folder of the trial that trained it, where that is at hand. */
  readonly trial: string | null;
  readonly restorer: Restorer;
  /** One channel, normalised as in training. */
  readonly lr: Image;
  /** How the scan was made; null where nobody says. */
  readonly degradation: DegradationSpec | null;
  readonly restored: Restored;
  readonly reading: NetworkReading;
  readonly read: ReadNetwork;
  readonly network: MeasuredNetwork;
  /** How far apart two centrelines may lie and still be one, in the network's unit. */
  readonly tolerance: number;
  /** Of whatever is drawn. */
  readonly rng: Rng;
  /** From the numbers of the file to those of the scan. */
  readonly affine: Affine;
  /** Further models, where their spread is asked for. */
  readonly others: readonly UpscaleModel[];
  readonly options: ExplainOptions;
}

/**
 * Opens model and image, enlarges the image and reads its network.
 * @throws {InputError} for what does not fit together, and an image without a network.
 */
export async function openSubject(text: string, path: string, options: ExplainOptions): Promise<Subject> {
  const found = await locateModel(text, options);
  const [model, ...others] = await openModels(text, { ...defaultOptions, ...options, network: null });
  requireGrey(model);
  const { image: lr, affine, notes } = await openScan(path, model, options);
  const degradation = forwardOf(model, options);
  const restorer = await openRestorer(model, options);
  try {
    const restored = await restorer.restore(lr);
    const reading = readingOf(model, restored, { options, affine, readsHead: restorer.readsHead });
    const read = readNetwork(restored.map, reading);
    const network = measured(restored.image, read, affine);
    if (network.branches.length === 0) throw withoutNetwork(lr.name, reading);
    return {
      name: lr.name,
      notes: [...notes, ...coverageNotes(coveredBy(read.mask))],
      model,
      trial: found.trial,
      restorer,
      lr,
      degradation,
      restored,
      reading,
      read,
      network,
      tolerance: (model.spec?.evaluation.tolerance ?? USUAL_TOLERANCE) * network.spacing.x,
      rng: createRng(options.seed).fork('explain'),
      affine,
      others,
      options,
    };
  } catch (error) {
    await restorer.dispose();
    throw error;
  }
}

function requireGrey({ run, label }: UpscaleModel): void {
  if (run.channels === 1) return;
  throw new InputError({
    who: `MODEL ${label}`,
    got: `a model of ${run.channels} channels`,
    wanted: 'one of a single channel: a network is read from one',
  });
}

/** Reads the scan, after what can be known to be wrong with it was said. */
async function openScan(path: string, model: UpscaleModel, options: ExplainOptions): Promise<Scan> {
  const opened = await openImage(path);
  try {
    const image = oneFrame(opened);
    checkImage(image, model, options);
    const { x, y, z } = byAxis(factorOf(model));
    const fine = { width: image.width * x, height: image.height * y, depth: image.depth * z };
    requireNetworkRoom(image.name, fine, { bytes: options.memory ?? defaultMemory(), proposes: false });
    return await readChannel(image, model, options);
  } finally {
    await opened.close();
  }
}

/**
 * How the network is read from what a model made.
 * @throws {InputError} for a model that knows no level, where nobody names one.
 */
export function readingOf(
  model: UpscaleModel,
  { map }: Restored,
  how: { readonly options: ExplainOptions; readonly affine: Affine; readonly readsHead: boolean },
): NetworkReading {
  const { options, affine, readsHead } = how;
  const smoothing = model.spec?.evaluation.smoothing ?? usualSmoothing;
  if (readsHead && model.headLevel !== null) return { ...levelOfHead(model.headLevel), smoothing };
  if (options.level === null) return { ...levelOfModel(model, options, '--level'), smoothing };
  if (options.level !== 'otsu')
    return { level: options.level * affine.scale + affine.offset, origin: 'as told', smoothing };
  return { level: otsuThreshold(smooth(map, smoothing)), origin: "Otsu's of the enlarged image", smoothing };
}

/** The network with intensities in the numbers of the file. */
function measured(sr: Image, read: ReadNetwork, { scale, offset }: Affine): MeasuredNetwork {
  const numbers = (pixel: number) => (sr.data[pixel] - offset) / scale;
  return measureNetwork(read, numbers, { pixelSize: sr.pixelSize, dark: scale < 0, name: sr.name });
}

function withoutNetwork(name: string, { level, origin }: NetworkReading): InputError {
  return new InputError({
    who: name,
    got: `an image without a network above ${Number(level.toPrecision(3))} (normalised; ${origin})`,
    wanted: 'branches to explain',
    remedy: 'choose another --level, or check --levels and --invert',
  });
}
