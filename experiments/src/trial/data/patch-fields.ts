import { InputError, type Image } from '@lacuna/core';
import type { PatchField } from '@lacuna/datasets';
import { trainingTargets, type Mask, type TrainingTargets } from '@lacuna/iqa';
import type { Pair } from './pair.js';

/** How the network of an HR image is had, which regimes and augmentations learn from. */
export interface NetworkTargets {
  /** Of the image at the level of the sweep, or the true one of a synthetic image. */
  readonly from: 'image' | 'truth';
  readonly segment: (image: Image) => Mask;
}

/** The network of an HR image, and the targets that are made from it. */
interface Network {
  readonly from: NetworkTargets;
  readonly mask: Mask;
  readonly targets: TrainingTargets;
}

/** Networks of images that trials of this process have trained on: those that follow may train on the same. */
const networks = new WeakMap<Image, Network>();

function networkOf(pair: Pair, from: NetworkTargets): Network {
  const { hr } = pair;
  const known = networks.get(hr);
  if (known?.from.segment === from.segment && known.from.from === from.from) return known;
  const { mask, skeleton } =
    from.from === 'truth' ? trueNetworkOf(pair) : { mask: from.segment(hr), skeleton: undefined };
  const made = { from, mask, targets: trainingTargets(mask, { pixelSize: hr.pixelSize, skeleton }) };
  networks.set(hr, made);
  return made;
}

/**
 * The network that is known to be in a pair.
 * @throws {InputError} where none is: of images that were measured, and of planes of a volume.
 */
export function trueNetworkOf({ region, truth }: Pair): NonNullable<Pair['truth']> {
  if (truth === null)
    throw new InputError({
      who: 'regime.targets',
      got: `truth for ${region.box.image}, whose network is not known`,
      wanted: 'an image of a synthetic source, not cut into planes',
      remedy: 'set regime.targets: image',
    });
  return truth;
}

/**
 * Fields of a pair by the names that regimes use; geometry's are made from the network of the HR image. Channels of the
 * LR image are planes beside one another.
 * @throws {InputError} for a name that is none, or a true network that is not known.
 */
export function patchFields(pair: Pair, names: readonly string[], from: NetworkTargets): PatchField[] {
  const { lr, hr } = pair;
  const geometric = names.some((name) => !['lr', 'lrWhole', 'hr'].includes(name));
  const network = geometric ? networkOf(pair, from) : null;
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
      case 'lrWhole':
        return lr.channels === 1
          ? scalar(name, lr.data, 'lr')
          : { name, data: lr.data, grid: 'lr', channels: lr.channels, kind: 'planes' };
      case 'hr':
        return scalar(name, hr.data);
      case 'mask':
        return scalar(name, Float32Array.from(network!.mask.data));
      case 'skeleton':
        return scalar(name, network!.targets.skeleton);
      case 'tube':
        return scalar(name, network!.targets.tube);
      case 'distance':
        return scalar(name, network!.targets.distance);
      case 'centreline':
        return scalar(name, network!.targets.centreline);
      case 'orientation':
        return orientationField(name, network!.targets.orientation, hr);
      default:
        throw new InputError({
          who: 'patches',
          got: `field ${name}`,
          wanted: 'lr, lrWhole, hr, mask, skeleton, tube, distance, centreline or orientation',
        });
    }
  });
}

/** Directions in a plane as a double angle, in a volume as a tensor. */
function orientationField(name: string, maps: Float32Array, { width, height, depth }: Image): PatchField {
  const channels = maps.length / (width * height * depth);
  const kind = channels === 2 ? 'double-angle' : 'direction-tensor';
  return { name, data: interleave(maps, channels), grid: 'hr', channels, kind };
}

/** Maps after one another to `channels` values a pixel. */
function interleave(maps: Float32Array, channels: number): Float32Array {
  const count = maps.length / channels;
  const out = new Float32Array(maps.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < count; i++) out[channels * i + c] = maps[c * count + i];
  }
  return out;
}
