import { InputError, describeShape } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import type { UpscaleModel } from './open-model.js';
import type { UpscaleOptions } from './options.js';

/**
 * @throws {InputError} for a channel that is not there, channels that the model cannot take, planes for a model of
 * volumes, and images smaller than its halo.
 */
export function checkImage(
  image: OpenImage,
  { run, volume, label }: UpscaleModel,
  { channel }: Pick<UpscaleOptions, 'channel'>,
): void {
  if (channel !== null && channel >= image.channels)
    throw new InputError({
      who: '--channel',
      got: `${channel} of ${image.name}`,
      wanted: `0 to ${image.channels - 1}`,
    });
  const channels = channel === null ? image.channels : 1;
  if (run.channels !== 1 && run.channels !== channels)
    throw new InputError({
      who: image.name,
      got: `${channels} channel${channels === 1 ? '' : 's'}`,
      wanted: `${run.channels}, as ${label} takes`,
      remedy: 'take a model of one channel: it enlarges each channel for itself',
    });
  if (volume !== null && image.depth === 1)
    throw new InputError({
      who: image.name,
      got: describeShape(image),
      wanted: `a stack: ${label} takes volumes`,
      remedy: 'give the stack as one file, or take a model of planes (dimensions: 2)',
    });
  const [deep, high, wide] = volume === null ? [1, ...both(run)] : (volume.halo ?? volume.multiple);
  if (image.width < wide || image.height < high || image.depth < deep)
    throw new InputError({
      who: image.name,
      got: describeShape(image),
      wanted:
        volume === null
          ? `at least ${wide} x ${high}: ${label} looks ${wide} px to every side`
          : `at least ${wide} x ${high} x ${deep} (x, y, z): ${label} looks as many voxels to either side`,
      remedy: 'give the field around it as well',
    });
}

const both = ({ halo, multiple }: UpscaleModel['run']): [number, number] => [halo ?? multiple, halo ?? multiple];
