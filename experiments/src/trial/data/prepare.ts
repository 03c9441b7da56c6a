import { createRng, type Image } from '@lacuna/core';
import {
  degrade,
  factorsOf,
  fitNormalisation,
  forwardKernels,
  forwardOperator,
  loadSource,
  normalise,
  splitImages,
  type LoadedSource,
  type Normalisation,
  type Region,
  type RegistrationStore,
} from '@lacuna/datasets';
import type { ForwardModel } from '@lacuna/models';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import { measuredScan } from './measured-scan.js';
import type { Pair } from './pair.js';
import { plannedDimensions, type Dimensions } from './dimensions.js';
import { imagesOf } from './planes.js';
import { fitSegmentation, type Segmentation } from './segmentation.js';
import { splitOptions } from './split-options.js';
import { truthOfRegions } from './truth.js';
import { requireFactor, requireNeighbours } from '../view/view-checks.js';
import { viewOf } from '../view/view.js';

/** The data of a trial: the same for all methods and seeds of one spec. */
export interface PreparedData extends Segmentation {
  /** Whether models see planes or volumes. */
  readonly dimensions: Dimensions;
  readonly source: LoadedSource;
  readonly normalisation: Normalisation;
  /** The operator that losses know; null where the degradation draws another for each region. */
  readonly forward: ForwardModel | null;
  readonly training: readonly Pair[];
  readonly validation: readonly Pair[];
  /** Read once, when the model is chosen. */
  readonly test: () => readonly Pair[];
}

/** How the data of a trial are prepared. */
export interface PrepareOptions {
  /** Relative paths of the spec are taken from here. */
  readonly baseDir: string;
  readonly onProgress?: (text: string) => void;
  /** What was found of measured pairs before. */
  readonly registrations?: RegistrationStore;
  /** The images, where they were read already. */
  readonly source?: LoadedSource;
}

/**
 * Loads, splits, normalises and degrades. Noise depends on the place of a region alone, so that all trials see the same
 * scans.
 */
export async function prepareData(spec: TrialSpec, options: PrepareOptions): Promise<PreparedData> {
  const factors = factorsOf(spec.degradation);
  const source = options.source ?? (await loadSource(spec.data, options));
  const dimensions = plannedDimensions(spec) ?? (source.images.some(({ depth }) => depth > 1) ? 3 : 2);
  requireFactor(spec, dimensions);
  const view = viewOf(spec, dimensions);
  const seen = (image: Image) => imagesOf(image, dimensions);
  const images = source.images.flatMap(seen);
  const measured = source.lr ? { images, scans: source.lr.flatMap(seen), factors } : null;
  const truthOf = truthOfRegions(source, images, dimensions);
  const split = splitImages(images, spec.split, splitOptions(spec, source.roles));
  const normalisation = fitNormalisation(
    split.training.map((region) => region.hr),
    spec.normalise,
  );
  const pair = (region: Region): Pair => {
    const hr = normalise(region.hr, normalisation, { clip: true });
    const rng = createRng(0).fork('degrade').fork(placeName(region));
    const forward = (fine: Image) =>
      forwardOperator(spec.degradation, { ...fine, pixelSize: hr.pixelSize }, rng).apply(fine);
    const lr = measured
      ? normalise(measuredScan(region, measured), normalisation, { clip: false })
      : degrade(hr, spec.degradation, rng);
    requireNeighbours(region.box.image, { x: lr.width, y: lr.height, z: lr.depth }, view);
    return { region, hr, lr, truth: truthOf(region), forward };
  };
  const training = split.training.map(pair);
  return {
    dimensions,
    source,
    normalisation,
    ...fitSegmentation(
      training.map(({ hr }) => hr),
      spec.evaluation,
    ),
    forward: spec.degradation.kind === 'blind' ? null : forwardKernels(spec.degradation, images[0].pixelSize),
    training,
    validation: split.validation.map(pair),
    test: () => split.test.map(pair),
  };
}

/** A region's place as text: its noise hangs on it. Planes are named as they were before there were volumes. */
function placeName({ box: { image, x, y, z, width, height, depth } }: Region): string {
  const plane = `${image} ${x},${y} ${width}x${height}`;
  return depth === 1 ? plane : `${image} ${x},${y},${z} ${width}x${height}x${depth}`;
}
