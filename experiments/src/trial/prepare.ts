import { InputError, createRng, cropImage, type Image } from '@lacuna/core';
import {
  degrade,
  fitNormalisation,
  forwardKernels,
  forwardOperator,
  loadSource,
  normalise,
  splitImages,
  splitUnpaired,
  type LoadedSource,
  type Normalisation,
  type PatchField,
  type PatchGroup,
  type Region,
} from '@lacuna/datasets';
import {
  createMask,
  networkThreshold,
  otsuThreshold,
  skeletonize,
  smooth,
  threshold,
  trainingTargets,
  type Grid,
  type Mask,
} from '@lacuna/iqa';
import type { ForwardModel } from '@lacuna/models';
import type { TrialSpec } from '../sweep/spec.js';

/** One place as coarse and fine image, both normalised. */
export interface Pair {
  readonly region: Region;
  readonly lr: Image;
  readonly hr: Image;
  /** What the degradation does to a fine image of this place, without noise. */
  readonly forward: (hr: Image) => Image;
  /** The network that is known to be in a synthetic image. */
  readonly truth: { readonly mask: Mask; readonly skeleton: Mask } | null;
}

/** The data of a trial: the same for all methods and seeds of one spec. */
export interface PreparedData {
  readonly source: LoadedSource;
  readonly normalisation: Normalisation;
  /** The network's level in normalised HR images, from training images alone. */
  readonly level: number;
  /** The operator that losses know; null where the degradation draws another for each region. */
  readonly forward: ForwardModel | null;
  readonly training: readonly Pair[];
  readonly validation: readonly Pair[];
  /** Read once, when the model is chosen. */
  readonly test: () => readonly Pair[];
  /** The network of a normalised image, as every score counts it. */
  readonly segment: (image: Image) => Mask;
}

/** Loads, splits, normalises and degrades. Noise depends on the place of a region alone, so that all trials see the same scans. */
export async function prepareData(
  spec: TrialSpec,
  options: { baseDir: string; onProgress?: (text: string) => void },
): Promise<PreparedData> {
  const { factor } = spec.degradation;
  const source = await loadSource(spec.data, options);
  const planes = source.images.flatMap(planesOf);
  const scans = source.lr ? source.lr.flatMap(planesOf) : null;
  const known = source.truth?.map(({ mask, skeleton }) => ({
    masks: planesOf(mask),
    skeletons: skeletonsOf(mask, skeleton),
  }));
  const masks = known?.flatMap((one) => one.masks);
  const skeletons = known?.flatMap((one) => one.skeletons);
  const truthOf = ({ box }: Region): Pair['truth'] => {
    const which = planes.findIndex((plane) => plane.name === box.image);
    return masks && skeletons ? { mask: maskIn(masks[which], box), skeleton: maskIn(skeletons[which], box) } : null;
  };
  const split = splitImages(planes, spec.split, {
    multiple: factor,
    roles: source.roles,
    order: (count) => shuffled(count, spec.split.kind === 'specimen' ? spec.split.seed : 0),
  });
  const normalisation = fitNormalisation(
    split.training.map((region) => region.hr),
    spec.normalise,
  );
  const pair = (region: Region): Pair => {
    const hr = normalise(region.hr, normalisation, { clip: true });
    const truth = truthOf(region);
    const { image, x, y, width, height } = region.box;
    const rng = createRng(0).fork('degrade').fork(`${image} ${x},${y} ${width}x${height}`);
    const forward = (fine: Image) =>
      forwardOperator(spec.degradation, { ...fine, pixelSize: hr.pixelSize }, rng).apply(fine);
    if (scans)
      return {
        region,
        hr,
        truth,
        forward,
        lr: normalise(scanOf(region, planes, scans, factor), normalisation, { clip: false }),
      };
    return { region, hr, truth, forward, lr: degrade(hr, spec.degradation, rng) };
  };
  const training = split.training.map(pair);
  const { threshold: rule, smoothing } = spec.evaluation;
  if (typeof rule === 'object')
    throw new InputError({
      who: 'evaluation.threshold',
      got: 'hysteresis',
      wanted: 'otsu, network or one level',
      remedy: 'losses and scores share one level in a sweep',
    });
  // The training images' level serves all methods and splits: a level of each image's own would hide what a method lost.
  const level =
    typeof rule === 'number'
      ? rule
      : levelOf(
          rule,
          training.map(({ hr }) => smooth(hr, smoothing)),
        );
  return {
    source,
    normalisation,
    level,
    training,
    forward: spec.degradation.kind === 'blind' ? null : forwardKernels(spec.degradation, planes[0].pixelSize),
    validation: split.validation.map(pair),
    test: () => split.test.map(pair),
    segment: (image) => threshold(smooth(image, smoothing), level),
  };
}

/** One level for all images together: Otsu's, or that at the network's edges. */
function levelOf(rule: 'otsu' | 'network', images: readonly Grid[]): number {
  if (rule === 'network') return networkThreshold(images);
  const parts = images.map((image) => image.data);
  const data = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return otsuThreshold({ data, width: data.length, height: 1, depth: 1, channels: 1 });
}

/** A region of a true mask. */
function maskIn(plane: Image, { x, y, width, height }: Region['box']): Mask {
  return createMask(cropImage(plane, { x, y, width, height }).data, width, height);
}

/** Slices of a volume as images of their own; two-dimensional networks are what a plane shows. */
function planesOf(image: Image): Image[] {
  if (image.depth === 1) return [image];
  const count = image.width * image.height * image.channels;
  return Array.from({ length: image.depth }, (_, z) => ({
    ...image,
    depth: 1,
    data: image.data.slice(z * count, (z + 1) * count),
    name: `${image.name}[${z}]`,
  }));
}

/** Centrelines in each plane. Those of a volume run through its planes and leave dots there: a plane's own are the skeleton of its part of the mask. */
function skeletonsOf(mask: Image, skeleton: Image): Image[] {
  if (skeleton.depth === 1) return [skeleton];
  return planesOf(mask).map((plane) => ({
    ...plane,
    data: Float32Array.from(skeletonize(createMask(plane.data, plane.width, plane.height)).data),
  }));
}

function shuffled(count: number, seed: number): number[] {
  return createRng(seed)
    .fork('split')
    .shuffle(Array.from({ length: count }, (_, i) => i));
}

/** The real coarse scan of a region, where a data set brings its own. */
function scanOf(region: Region, planes: readonly Image[], scans: readonly Image[], factor: number): Image {
  const which = planes.findIndex((plane) => plane.name === region.box.image);
  const scan = scans[which];
  const plane = planes[which];
  if (scan.width * factor !== plane.width || scan.height * factor !== plane.height) {
    throw new InputError({
      who: scan.name,
      got: `${scan.width} x ${scan.height} for HR of ${plane.width} x ${plane.height}`,
      wanted: `${plane.width / factor} x ${plane.height / factor} (factor ${factor})`,
      remedy: 'set degradation.factor to the ratio of the pixel sizes',
    });
  }
  const { x, y, width, height } = region.box;
  if (x % factor !== 0 || y % factor !== 0)
    throw new InputError({
      who: scan.name,
      got: `a region at ${x}, ${y}`,
      wanted: `corners divisible by ${factor}`,
      remedy: 'set split.guard to a multiple of the factor',
    });
  return cropImage(scan, { x: x / factor, y: y / factor, width: width / factor, height: height / factor });
}

/** What a regime's patches are cut from: the fields it names, in one group, or in two that share no place; then how they lie apart. */
export function patchGroups(
  data: PreparedData,
  fields: readonly string[],
  options: { factor: number; guard: number },
): { groups: PatchGroup[]; words: string | null } {
  if (fields.includes('hrUnpaired')) {
    const halves = splitUnpaired(
      data.training.map(({ region }) => region as Region<'training'>),
      { guard: options.guard, multiple: options.factor },
    );
    const part = (half: readonly Region[], make: (pair: Pair) => PatchField) =>
      half.map((region) => {
        const whole = data.training.find((candidate) => contains(candidate.region, region))!;
        const cut = cropPair(whole, region, options.factor);
        return { lrWidth: cut.lr.width, lrHeight: cut.lr.height, fields: [make(cut)] };
      });
    return {
      words: halves.words,
      groups: [
        {
          name: 'lr',
          regions: part(halves.lr, ({ lr }) => ({
            name: 'lr',
            data: lr.data,
            grid: 'lr',
            channels: 1,
            kind: 'scalar',
          })),
        },
        {
          name: 'hr',
          regions: part(halves.hr, ({ hr }) => ({
            name: 'hrUnpaired',
            data: hr.data,
            grid: 'hr',
            channels: 1,
            kind: 'scalar',
          })),
        },
      ],
    };
  }
  return {
    words: null,
    groups: [
      {
        name: 'pairs',
        regions: data.training.map((pair) => ({
          lrWidth: pair.lr.width,
          lrHeight: pair.lr.height,
          fields: pairFields(pair, fields, data.segment),
        })),
      },
    ],
  };
}

function contains(outer: Region, inner: Region): boolean {
  const a = outer.box;
  const b = inner.box;
  return (
    a.image === b.image &&
    b.x >= a.x &&
    b.y >= a.y &&
    b.x + b.width <= a.x + a.width &&
    b.y + b.height <= a.y + a.height
  );
}

function cropPair(whole: Pair, region: Region, factor: number): Pair {
  const x = region.box.x - whole.region.box.x;
  const y = region.box.y - whole.region.box.y;
  const { width, height } = region.box;
  return {
    region,
    truth: null,
    forward: whole.forward,
    hr: cropImage(whole.hr, { x, y, width, height }),
    lr: cropImage(whole.lr, { x: x / factor, y: y / factor, width: width / factor, height: height / factor }),
  };
}

/** Fields of a pair by the names that regimes use; geometry's are made from the network of the HR image. */
function pairFields({ lr, hr }: Pair, names: readonly string[], segment: (image: Image) => Mask): PatchField[] {
  const geometric = names.some((name) => name !== 'lr' && name !== 'hr');
  const mask = geometric ? segment(hr) : null;
  const targets = mask ? trainingTargets(mask) : null;
  const scalar = (name: string, data: Float32Array, grid: 'lr' | 'hr' = 'hr'): PatchField => ({
    name,
    data,
    grid,
    channels: 1,
    kind: 'scalar',
  });
  return names.map((name) => {
    switch (name) {
      case 'lr':
        return scalar(name, lr.data, 'lr');
      case 'hr':
        return scalar(name, hr.data);
      case 'mask':
        return scalar(name, Float32Array.from(mask!.data));
      case 'tube':
        return scalar(name, targets!.tube);
      case 'distance':
        return scalar(name, targets!.distance);
      case 'centreline':
        return scalar(name, targets!.centreline);
      case 'orientation':
        return { name, data: interleave(targets!.orientation), grid: 'hr', channels: 2, kind: 'double-angle' };
      default:
        throw new InputError({
          who: 'patches',
          got: `field ${name}`,
          wanted: 'lr, hr, mask, tube, distance, centreline or orientation',
        });
    }
  });
}

/** Two planes after one another to two values a pixel. */
function interleave(planes: Float32Array): Float32Array {
  const count = planes.length / 2;
  const out = new Float32Array(planes.length);
  for (let i = 0; i < count; i++) {
    out[2 * i] = planes[i]!;
    out[2 * i + 1] = planes[count + i]!;
  }
  return out;
}
