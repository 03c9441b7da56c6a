import { InputError, type Image } from '@lacuna/core';
import type { PatchField } from '@lacuna/datasets';
import { trainingTargets, type Mask, type TrainingTargets } from '@lacuna/iqa';
import type { Pair } from './pair.js';

/** The network of an HR image, and the targets that are made from it. */
interface Network {
  readonly segment: (image: Image) => Mask;
  readonly mask: Mask;
  readonly targets: TrainingTargets;
}

/** Networks of images that trials of this process have trained on: those that follow may train on the same. */
const networks = new WeakMap<Image, Network>();

function networkOf(hr: Image, segment: (image: Image) => Mask): Network {
  const known = networks.get(hr);
  if (known?.segment === segment) return known;
  const mask = segment(hr);
  const made = { segment, mask, targets: trainingTargets(mask, { pixelSize: hr.pixelSize }) };
  networks.set(hr, made);
  return made;
}

/**
 * Fields of a pair by the names that regimes use; geometry's are made from the network of the HR image. Channels of the
 * LR image are planes beside one another.
 * @throws {InputError} for a name that is none.
 */
export function patchFields({ lr, hr }: Pair, names: readonly string[], segment: (image: Image) => Mask): PatchField[] {
  const geometric = names.some((name) => !['lr', 'lrWhole', 'hr'].includes(name));
  const network = geometric ? networkOf(hr, segment) : null;
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
