import { InputError, convertLength, describeShape, formatLength } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import type { UpscaleModel } from './open-model.js';
import type { UpscaleOptions } from './options.js';

/**
 * @throws {InputError} for a channel that is not there, channels that the model cannot take, planes for a model of
 * volumes, and images smaller than its halo.
 */
export function checkImage(
  image: OpenImage,
  { run, volume, label }: Pick<UpscaleModel, 'run' | 'volume' | 'label'>,
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

/**
 * Lines on the pixel size: a model knows structures at the pixel size, and of volumes at the distance of planes, that
 * it was trained with.
 */
export function pixelSizeNotes(
  { pixelSize }: Pick<OpenImage, 'pixelSize'>,
  { lrPixelSize, volume }: Pick<UpscaleModel, 'lrPixelSize' | 'volume'>,
): string[] {
  if (pixelSize === null || lrPixelSize === null) return [];
  const notes: string[] = [];
  const { x, z, unit } = pixelSize;
  const own = convertLength(x, unit, lrPixelSize.unit);
  if (differs(own / lrPixelSize.x)) {
    const trained = formatLength(lrPixelSize.x, lrPixelSize.unit);
    notes.push(`pixels of ${formatLength(own, lrPixelSize.unit)}; the model was trained on ${trained}`);
  }
  if (volume === null || lrPixelSize.z === undefined) return notes;
  const trained = `${ratioText(lrPixelSize.z / lrPixelSize.x)} times`;
  if (z === undefined)
    notes.push(
      'does not say how far its planes lie apart; ' +
        `the model was trained on planes ${trained} as far apart as pixels`,
    );
  else if (differs((z / x) * (lrPixelSize.x / lrPixelSize.z)))
    notes.push(`planes lie ${ratioText(z / x)} times as far apart as pixels; the model was trained on ${trained}`);
  return notes;
}

const differs = (ratio: number): boolean => ratio > 1.25 || ratio < 0.8;
const ratioText = (ratio: number): string => String(Number(ratio.toPrecision(3)));
