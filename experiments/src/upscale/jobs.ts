import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { InputError } from '@lacuna/core';
import { isZarrStore, listImages } from '@lacuna/datasets';

/** One file to enlarge, and where the result goes. */
export interface Job {
  readonly input: string;
  readonly output: string;
  /** The fine image to compare with; null for none. */
  readonly reference: string | null;
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();
const outputKinds = ['.tif', '.tiff', '.png', '.zarr'];

/** The name of a file without what says its format: `scan.ome.tif` and `scan.png` are both `scan`. */
export const stemOf = (path: string): string => basename(path).replace(/\.(ome\.tiff?|ome\.zarr|zarr|[^.]+)$/i, '');

/**
 * Pairs files with outputs. A folder gives a folder, of TIFFs under the inputs' names.
 * @throws {InputError} for inputs that are missing, outputs of other formats, and an output that would replace an
 * input.
 */
export function planJobs(input: string, output: string, compare: string | null): Job[] {
  if (!existsSync(input))
    throw new InputError({
      who: input,
      got: 'no such file or folder',
      wanted: 'an image, a stack or a folder of them',
    });
  const many = isFolder(input) && !isZarrStore(input);
  const inputs = many ? listImages(input) : [input];
  const jobs = inputs.map((file): Job => ({
    input: file,
    output: many ? join(output, nameFor(file)) : singleOutput(file, output),
    reference: compare === null ? null : referenceFor(file, compare, many),
  }));
  if (many && existsSync(output) && !isFolder(output))
    throw new InputError({ who: output, got: 'a file', wanted: 'a folder for the results of a folder' });
  const taken = new Map<string, string>();
  for (const job of jobs) {
    const other = taken.get(job.output);
    if (other !== undefined)
      throw new InputError({
        who: input,
        got: `${basename(other)} and ${basename(job.input)}`,
        wanted: `inputs whose results have different names (both would be ${basename(job.output)})`,
        remedy: 'rename one',
      });
    taken.set(job.output, job.input);
    if (existsSync(job.output) && realpathSync(job.output) === realpathSync(job.input))
      throw new InputError({ who: job.output, got: 'the input itself', wanted: 'another name for the result' });
  }
  return jobs;
}

function nameFor(file: string): string {
  return /\.ome\.(tiff?|zarr)$/i.test(file) ? `${stemOf(file)}.ome.tif` : `${stemOf(file)}.tif`;
}

function singleOutput(file: string, output: string): string {
  if ((isFolder(output) && !/\.zarr$/i.test(output)) || /[\\/]$/.test(output)) return join(output, nameFor(file));
  const kind = extname(output).toLowerCase();
  if (!outputKinds.includes(kind))
    throw new InputError({
      who: output,
      got: kind === '' ? 'a name without a format' : `format ${kind}`,
      wanted: `a name that ends in ${outputKinds.join(', ')}`,
      ...(kind === '' ? { remedy: `for a folder, write ${output}/` } : {}),
    });
  return output;
}

function referenceFor(file: string, compare: string, many: boolean): string {
  if (!existsSync(compare))
    throw new InputError({
      who: '--compare',
      got: `${compare}, which is not there`,
      wanted: 'the fine image, or a folder of them',
    });
  if (!isFolder(compare) || isZarrStore(compare)) {
    if (many)
      throw new InputError({
        who: '--compare',
        got: `the file ${compare} for a folder of inputs`,
        wanted: 'a folder with fine images of the same names',
      });
    return compare;
  }
  const found = listImages(compare).find((path) => stemOf(path) === stemOf(file));
  if (found === undefined)
    throw new InputError({
      who: '--compare',
      got: `no ${stemOf(file)} in ${compare}`,
      wanted: `a fine image for ${basename(file)}`,
    });
  return found;
}

/** `sr.ome.tif` to `sr-spread.ome.tif`. */
export function besideOutput(output: string, word: string, extension?: string): string {
  const match = /(\.ome\.(?:tiff?|zarr)|\.[^.]+)$/i.exec(output)!;
  return join(dirname(output), `${basename(output).slice(0, -match[0].length)}${word}${extension ?? match[0]}`);
}
