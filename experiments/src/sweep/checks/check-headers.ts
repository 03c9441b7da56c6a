import { InputError, contentDigest, describeShape } from '@lacuna/core';
import {
  describeFactor,
  factorsOf,
  openImage,
  sourceFiles,
  splitPlaces,
  type ImageExtent,
  type Role,
  type SourceFile,
} from '@lacuna/datasets';
import { canonicalJson } from '@lacuna/sweep';
import { plannedDimensions, type Dimensions } from '../../trial/data/dimensions.js';
import { splitOptions } from '../../trial/data/split-options.js';
import { describePatch, requireNeighbours, smallerPatch } from '../../trial/view/view-checks.js';
import { patchOf, viewOf } from '../../trial/view/view.js';
import { digestCache } from '../plan/identity.js';
import { isTrained } from '../spec/method.js';
import type { LacunaSweep, LacunaTrial } from '../plan/plan.js';
import type { TrialSpec } from '../spec/spec.js';

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
      plannedDimensions(config),
      config.slicewise,
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
  for (const file of files) {
    const image = await openImage(file.path, 'time' in data ? { time: data.time } : {});
    const { width, height, depth, dtype } = image;
    headers.push({ ...file, depth, dtype, ...(crop ?? { width, height }) });
    await image.close();
  }
  return data.source === 'folder' && data.stack ? [stackOf(headers)] : headers;
}

/** Slices of one volume are one specimen. */
function stackOf(slices: readonly Header[]): Header {
  const depth = slices.reduce((sum, slice) => sum + slice.depth, 0);
  return { ...slices[0], name: 'stack', depth };
}

/**
 * A plan whose trials know whether they are of planes or volumes: where neither spec nor source says it, the headers of
 * the user's files do. For checks and estimates alone: what is run and kept is what the spec says.
 */
export async function withDimensions(sweep: LacunaSweep, { baseDir }: { baseDir: string }): Promise<LacunaSweep> {
  const bySource = new Map<string, Dimensions>();
  const trials: LacunaTrial[] = [];
  for (const trial of sweep.trials) {
    const { data } = trial.config;
    const source = canonicalJson(data);
    const planned = plannedDimensions(trial.config);
    if (planned === null && !bySource.has(source)) bySource.set(source, await dimensionsOf(data, baseDir));
    const dimensions = planned ?? bySource.get(source)!;
    trials.push({ ...trial, config: { ...trial.config, dimensions } });
  }
  return { ...sweep, trials };
}

/** Says of files that they are taken as volumes, where neither spec nor source does. */
export function volumeNotes(planned: LacunaSweep, known: LacunaSweep): string[] {
  const isTold = planned.trials.some(
    ({ config }, i) => plannedDimensions(config) === null && known.trials[i].config.dimensions === 3,
  );
  return isTold ? ['the files are stacks: models see volumes; dimensions: 2 takes them plane by plane'] : [];
}

async function dimensionsOf(data: TrialSpec['data'], baseDir: string): Promise<Dimensions> {
  const headers = (await readHeaders(data, baseDir)) ?? [];
  return headers.some(({ depth }) => depth > 1) ? 3 : 2;
}

/** The regions of the split by sizes alone; each of training must hold a patch, and no file be on both sides. */
function checkSplit(headers: readonly Header[], config: TrialSpec): void {
  const dimensions = plannedDimensions(config) ?? 2;
  const seen = headers.flatMap((file) => extentsOf(file, dimensions).map((extent) => ({ file, extent })));
  const chosen = headers.filter(({ role }) => role !== null).map(({ name, role }) => [name, role!] as const);
  const roles = chosen.length > 0 ? new Map(chosen) : undefined;
  const places = splitPlaces(
    seen.map(({ extent }) => extent),
    config.split,
    splitOptions(config, roles),
  );
  const factors = factorsOf(config.degradation);
  const view = viewOf(config, dimensions);
  const patch = patchOf(config, view);
  const hrPatch = { x: patch.x * factors.x, y: patch.y * factors.y, z: patch.z * factors.z };
  const roleOfContent = new Map<string, { role: Role; file: Header }>();
  for (const { role, image, box } of places) {
    const { file, extent } = seen[image];
    const coarse = { x: box.width / factors.x, y: box.height / factors.y, z: box.depth / factors.z };
    requireNeighbours(file.path, coarse, view);
    const isSmall = box.width < hrPatch.x || box.height < hrPatch.y || box.depth < hrPatch.z;
    if (role === 'training' && isTrained(config.regime) && isSmall)
      throw new InputError({
        who: file.path,
        got: `a training region of ${describeShape({ ...box, channels: 1 })} px`,
        wanted:
          `at least ${describePatch(hrPatch)} px${hrPatch.z === 1 ? ' a side' : ''}: ` +
          `training.patch ${describePatch(patch)} at factor ${describeFactor(factors)}`,
        remedy: `${smallerPatch(patch)}, or leave the image out; lacuna init FOLDER chooses what fits`,
      });
    const isWhole =
      box.width + factors.x > extent.width &&
      box.height + factors.y > extent.height &&
      box.depth + factors.z > extent.depth;
    if (!isWhole) continue;
    const content = contentDigest(file.path, digestCache());
    const before = roleOfContent.get(content);
    if (before && before.file !== file && before.role !== role) throw leak(before, { role, file });
    if (!before) roleOfContent.set(content, { role, file });
  }
}

/** A file as models see it: a volume, or its planes. */
function extentsOf({ name, width, height, depth }: Header, dimensions: Dimensions): ImageExtent[] {
  if (depth === 1 || dimensions === 3) return [{ name, width, height, depth }];
  return Array.from({ length: depth }, (_, z) => ({ name: `${name}[${z}]`, width, height, depth: 1 }));
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
