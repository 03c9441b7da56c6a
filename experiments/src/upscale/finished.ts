import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '@lacuna/core';
import { openImage } from '@lacuna/datasets';
import { writeJson } from '../machine/json-file.js';
import { contentDigest } from './content-digest.js';

/** What made a result: the model and its settings, and the content of the input, a digest each. */
export interface Making {
  readonly settings: string;
  readonly input: string;
}

const finished = z.object({ settings: z.string(), input: z.string(), outputs: z.record(z.string(), z.string()) });
const records = z.record(z.string(), finished);
type Records = z.infer<typeof records>;

/** Results of a folder that were finished, by name; written when a result has its final name. */
const recordsPath = (output: string): string => join(dirname(output), '.lacuna-upscale.json');

function readRecords(output: string): Records {
  try {
    return records.parse(JSON.parse(readFileSync(recordsPath(output), 'utf8')));
  } catch {
    // Without records nothing counts as finished.
    return {};
  }
}

/** Notes that `written`, the result first, are finished and whole. */
export async function noteFinished(written: readonly string[], making: Making): Promise<void> {
  const [output] = written;
  const outputs: Record<string, string> = {};
  for (const path of written) outputs[basename(path)] = await contentDigest(path);
  writeJson(recordsPath(output), { ...readRecords(output), [basename(output)]: { ...making, outputs } });
}

/**
 * Whether the same job finished these files before and they are as it left them: the content of the input and the
 * checksums of the files decide. What those settings made of another input, and what was damaged since, is to be made
 * again.
 * @throws {InputError} where something else lies there.
 */
export async function wasFinished(written: readonly string[], making: Making): Promise<boolean> {
  const [output] = written;
  if (!existsSync(output)) return false;
  const record = readRecords(output)[basename(output)];
  const sameSettings = record?.settings === making.settings;
  if (sameSettings && record.input === making.input && (await areWhole(written, record.outputs))) return true;
  const software = await softwareOf(output);
  // What can no longer be read is told by its record; what can, by its own word: somebody may have put it there since.
  const ours = software === null ? sameSettings : settingsIn(software) === making.settings.slice(0, KEY_PART);
  if (!ours) throw taken(output, software?.startsWith('Lacuna ') === true);
  return false;
}

async function areWhole(paths: readonly string[], digests: Readonly<Record<string, string>>): Promise<boolean> {
  for (const path of paths)
    if (!existsSync(path) || digests[basename(path)] !== (await contentDigest(path))) return false;
  return true;
}

/** Digits of each part of a key. */
const KEY_PART = 8;

/** What a result depends on, as 16 hexadecimal digits in its own file. */
export function shortKey({ settings, input }: Making): string {
  return `${settings.slice(0, KEY_PART)}${input.slice(0, KEY_PART)}`;
}

/** The settings' part of the key that a result names as its maker. */
function settingsIn(software: string): string | null {
  return /^Lacuna \S+ upscale ([0-9a-f]{8})[0-9a-f]{8}$/.exec(software)?.[1] ?? null;
}

/** The program that wrote an image, as it says; null for what is no image. */
async function softwareOf(path: string): Promise<string | null> {
  try {
    const image = await openImage(path);
    await image.close();
    return image.software;
  } catch {
    return null;
  }
}

function taken(output: string, ours: boolean): InputError {
  const found = ours ? 'the result of another model or setting' : 'something else';
  return new InputError({
    who: output,
    got: `a file that is there already (${found})`,
    wanted: 'a new name',
    remedy: 'name another output, or write over it with --force',
  });
}
