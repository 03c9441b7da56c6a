import { InputError, type Image } from '@lacuna/core';
import type { PatchField } from '@lacuna/datasets';
import { trainingTargets, type Mask } from '@lacuna/iqa';
import type { Pair } from './pair.js';

/**
 * Fields of a pair by the names that regimes use; geometry's are made from the network of the HR image.
 * @throws {InputError} for a name that is none.
 */
export function patchFields({ lr, hr }: Pair, names: readonly string[], segment: (image: Image) => Mask): PatchField[] {
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
