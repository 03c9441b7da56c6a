import { InputError, contentDigest } from '@lacuna/core';
import { openImage, sourceFiles, splitPlaces, type ImageExtent, type Role, type SourceFile } from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { splitOptions } from '../trial/split-options.js';
import { digestCache } from './identity.js';
import { isTrained } from './method.js';
import type { LacunaTrial } from './plan.js';
import type { TrialSpec } from './spec.js';

/** A file of the user's, and what its header says. */
interface Header extends SourceFile {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** "uint8", "uint16". */
  readonly dtype: string;
}

/**
 * Opens the headers of the user's images that trials read, without a pixel: whether the split has room, whether each
 * training region holds a patch, whether copies of a file are on both sides of the split.
 * @returns what should be known though the sweep may go on, a line each.
 * @throws {InputError} for the first thing that will not do, naming the file.
 */
export async function checkHeaders(
  trials: readonly LacunaTrial[],
  { baseDir }: { baseDir: string },
): Promise<string[]> {
  const headers = new Map<string, Header[] | null>();
  const notes = new Set<string>();
  const done = new Set<string>();
  for (const { config } of trials) {
    const source = canonicalJson(config.data);
    if (!headers.has(source)) headers.set(source, await readHeaders(config.data, baseDir));
    const found = headers.get(source)!;
    const kind = canonicalJson([
      source,
      config.degradation,
      config.split,
      isTrained(config.regime),
      config.training.patch,
    ]);
    if (found === null || done.has(kind)) continue;
    done.add(kind);
    checkSplit(found, config);
    for (const note of bitDepths(found)) notes.add(note);
  }
  return [...notes];
}

async function readHeaders(data: TrialSpec['data'], baseDir: string): Promise<Header[] | null> {
  const files = sourceFiles(data, baseDir);
  if (files === null) return null;
  const crop = 'crop' in data ? data.crop : undefined;
  const headers: Header[] = [];
  const isStack = data.source === 'folder' && data.stack;
  for (const [i, file] of files.entries()) {
    const image = await openImage(file.path, 'time' in data ? { time: data.time } : {});
    const { depth, dtype } = image;
    // Slices of one volume are one specimen.
    const name = isStack ? `stack[${i}]` : file.name;
    headers.push({ ...file, name, depth, dtype, ...(crop ?? { width: image.width, height: image.height }) });
    await image.close();
  }
  return headers;
}

/** The regions of the split by sizes alone; each of training must hold a patch, and no file be on both sides. */
function checkSplit(headers: readonly Header[], config: TrialSpec): void {
  const planes = headers.flatMap((header) =>
    Array.from({ length: header.depth }, (_, z) => ({
      file: header,
      extent: {
        name: header.depth === 1 ? header.name : `${header.name}[${z}]`,
        width: header.width,
        height: header.height,
      } satisfies ImageExtent,
    })),
  );
  const chosen = headers.filter(({ role }) => role !== null).map(({ name, role }) => [name, role!] as const);
  const roles = chosen.length > 0 ? new Map(chosen) : undefined;
  const places = splitPlaces(
    planes.map(({ extent }) => extent),
    config.split,
    splitOptions(config, roles),
  );
  const { factor } = config.degradation;
  const { patch } = config.training;
  const roleOfContent = new Map<string, { role: Role; file: Header }>();
  for (const { role, image, box } of places) {
    const { file, extent } = planes[image];
    const isSmall = Math.min(box.width, box.height) < patch * factor;
    if (role === 'training' && isTrained(config.regime) && isSmall)
      throw new InputError({
        who: file.path,
        got: `a training region of ${box.width} x ${box.height} px`,
        wanted: `at least ${patch * factor} px a side: training.patch ${patch} at factor ${factor}`,
        remedy: 'set training.patch smaller, or leave the image out',
      });
    const isWhole = box.width + factor > extent.width && box.height + factor > extent.height;
    if (!isWhole) continue;
    const content = contentDigest(file.path, digestCache());
    const before = roleOfContent.get(content);
    if (before && before.file !== file && before.role !== role) throw leak(before, { role, file });
    if (!before) roleOfContent.set(content, { role, file });
  }
}

function leak(a: { role: Role; file: Header }, b: { role: Role; file: Header }): InputError {
  return new InputError({
    who: `split of ${a.file.name} and ${b.file.name}`,
    got: `one image under two names, for ${a.role} and for ${b.role}`,
    wanted: 'images that are in one of training, validation and test',
    remedy: 'leave the copies out: scores of what was trained on mean nothing',
  });
}

/** Images of several sample types share one normalisation: what is white in one is dark in the other. */
function bitDepths(headers: readonly Header[]): string[] {
  const first = new Map<string, string>();
  for (const { dtype, name } of headers) if (!first.has(dtype)) first.set(dtype, name);
  if (first.size < 2) return [];
  const kinds = [...first].map(([dtype, name]) => `${name} has ${dtype}`).join(', ');
  return [`${kinds}: one normalisation covers both; convert them to one type if their numbers differ`];
}
