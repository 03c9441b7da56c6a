import { finerPixelSize } from '@lacuna/datasets';
import { OutOfMemory, type VolumeModel } from '@lacuna/onnx';
import { WHITE, enlargeImage, modelFor, type EnlargeJob, type SecondOutput } from './enlarge-image.js';
import { besideOutput } from './jobs.js';
import { clearRemains, openRows, type RowsOut } from './rows-out.js';
import { writtenType } from './written-type.js';

/** What one file needs besides its model. */
export interface FileJob extends Omit<EnlargeJob, 'afterTile'> {
  readonly output: string;
  /** Written into the file, so that it is known again. */
  readonly software: string;
  /** Resident bytes that the process must not pass; null where nobody asked. */
  readonly bound: number | null;
}

/**
 * Enlarges one file, plane by plane or volume by volume, and tile by tile; under its final name the result
 * appears whole or not at all.
 * @returns paths written, and whether tiles were blended.
 */
export async function upscaleFile(base: VolumeModel, job: FileJob): Promise<{ written: string[]; blended: boolean }> {
  const { image, channel, second = 'spread' } = job;
  const channels = channel === null ? image.channels : 1;
  const model = modelFor(base, job);
  clearRemains(job.output);
  const outs: RowsOut[] = [];
  const written = [job.output, ...(model.outputs > 1 ? [secondOutput(job.output, second)] : [])];
  try {
    const { pixelSize } = image;
    const [z, y, x] = model.factor;
    const type = writtenType(image.dtype);
    for (const [k, path] of written.entries()) {
      outs.push(
        openRows(path, {
          width: image.width * x,
          height: image.height * y,
          depth: image.depth * z,
          frames: image.frames,
          channels,
          type: k > 0 ? secondTypes[second] : type,
          channelLayout: image.channelLayout,
          pixelSize: pixelSize ? finerPixelSize(pixelSize, { x, y, z }) : null,
          software: job.software,
          dataRange: k > 0 && second === 'network' ? [0, WHITE] : job.levels.dataRange,
        }),
      );
    }
    const { bound } = job;
    const blended = await enlargeImage(
      model,
      bound === null ? job : { ...job, afterTile: () => holdBound(bound) },
      outs,
    );
    for (const out of outs) await out.finish();
    return { written, blended };
  } catch (error) {
    for (const out of outs) await out.abandon();
    throw error;
  }
}

function holdBound(bound: number): void {
  const resident = process.memoryUsage.rss();
  if (resident > bound)
    throw new OutOfMemory(`${Math.round(resident / 2 ** 20)} MB in use of ${Math.round(bound / 2 ** 20)}`);
}

const secondTypes = { spread: 'float32', network: 'uint16' } as const;

/** Where a model's second output goes: a spread as floats, which PNG has not. */
export function secondOutput(output: string, kind: SecondOutput): string {
  if (kind === 'network') return besideOutput(output, '-probability');
  return besideOutput(output, '-spread', /\.png$/i.test(output) ? '.tif' : undefined);
}
