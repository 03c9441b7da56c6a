import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, LacunaError, printable } from '@lacuna/core';
import { listImages } from '@lacuna/datasets';
import { openModels } from './open-models.js';
import type { UpscaleOptions } from './options.js';
import { toConsole, upscale, type Reporter } from './upscale.js';

/** How a folder is watched. */
export interface WatchOptions {
  /** Between two looks, ms. */
  readonly everyMs: number;
  /** Ends the watch after the file that is being enlarged. */
  readonly signal: AbortSignal;
}

/**
 * Enlarges what appears in a folder, such as a microscope's: each file once, when its size and time have not changed
 * from one look to the next. What an earlier watch finished is found done by its content; a file that cannot be read or
 * enlarged is said and left until it changes.
 * @throws {InputError} for an input that is no folder, a model that cannot be opened, and results in the same folder.
 */
export async function watchFolder(
  { model, input, output }: { readonly model: string; readonly input: string; readonly output: string },
  options: UpscaleOptions,
  { everyMs, signal }: WatchOptions,
  reporter: Reporter = toConsole,
): Promise<void> {
  if (!existsSync(input) || !statSync(input).isDirectory())
    throw new InputError({
      who: '--watch',
      got: `${input}, which is no folder`,
      wanted: 'the folder that images appear in',
      remedy: 'make it, or name the one that the microscope writes to',
    });
  if (resolve(input) === resolve(output))
    throw new InputError({
      who: output,
      got: 'the folder that is watched',
      wanted: 'another folder for the results: there they would be enlarged again',
    });
  // A model that cannot be opened is said now, and not with the first image.
  await openModels(model, options);
  reporter.print(`watching ${input} every ${everyMs / 1000} s (Ctrl-C ends it)`);
  /** By path: how a file looked last, and how it looked when it was dealt with. */
  const seen = new Map<string, string>();
  const handled = new Map<string, string>();
  while (!signal.aborted) {
    for (const path of imagesIn(input)) {
      if (signal.aborted) return;
      const look = lookOf(path);
      if (look === null || handled.get(path) === look) continue;
      const isComplete = seen.get(path) === look;
      seen.set(path, look);
      if (!isComplete) continue;
      handled.set(path, look);
      await enlargeOne({ model, path, output }, options, reporter);
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A folder without an image is watched as well. */
function imagesIn(folder: string): readonly string[] {
  try {
    return listImages(folder);
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** Size and time of a file; null for one that is gone again, and for one without content yet. */
function lookOf(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined || (stat.isFile() && stat.size === 0) ? null : `${stat.size} ${stat.mtimeMs}`;
}

async function enlargeOne(
  { model, path, output }: { readonly model: string; readonly path: string; readonly output: string },
  options: UpscaleOptions,
  reporter: Reporter,
): Promise<void> {
  try {
    await upscale(model, path, `${output}/`, options, reporter);
  } catch (error) {
    if (!(error instanceof LacunaError)) throw error;
    reporter.print(`left: ${printable(error.message)}`);
  }
}
