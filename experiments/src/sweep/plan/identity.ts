import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError, cacheFolder, contentDigest, formatBytes, type DigestOptions } from '@lacuna/core';
import { isZarrStore, sourceFiles } from '@lacuna/datasets';
import { KERNEL_CHOICE } from '@lacuna/models';
import { canonicalJson } from '@lacuna/sweep';
import { extensionsOf } from '../../extensions/used.js';
import { RESULTS_VERSION } from '../../machine/workspace.js';
import { plannedDimensions, sourceDimensions } from '../../trial/data/dimensions.js';
import { isBaseline, isFitted, isOriented } from '../spec/method.js';
import { modelLinks, teacherIn } from '../spec/model-links.js';
import type { TrialSpec } from '../spec/spec.js';

/**
 * The part of a trial's settings that can decide its result. Where files lie and how they are found does not: what is
 * in them does (see {@link contentFingerprint}). A method without training has no model and no steps.
 */
export function decidingSettings(spec: TrialSpec): unknown {
  const { data, regime, model, training, init, dimensions: given, slicewise, ...rest } = spec;
  // To say what a source is of by itself changes nothing.
  const dimensions = given === sourceDimensions(data) ? undefined : given;
  const common = {
    ...rest,
    dimensions,
    ...(slicewise ? { slicewise: decidingSlices(slicewise) } : {}),
    // Where weights lie and what their method is called decide nothing: the file's content and that trial's id do.
    ...(init ? { init: init.from.file === undefined ? 'method' : 'file' } : {}),
    data: withoutPlaces(data),
    regime: decidingRegime(regime),
  };
  if (regime.kind === 'interpolation') return common;
  if (isBaseline(regime)) return { ...common, training: { threads: training.threads } };
  // The best of several filters is chosen as the best step of a model is; those of a bank share turned images.
  if (isFitted(regime)) {
    const { threads, select, augment } = training;
    return { ...common, training: { threads, select, ...(isOriented(regime) ? { augment } : {}) } };
  }
  // How often a trial writes down where it is changes no weight, and to say that it is float32 nothing at all.
  const precision = training.precision === 'float32' ? undefined : training.precision;
  const deciding = { ...training, precision, logEvery: undefined, checkpointEvery: undefined };
  return { ...common, model, training: deciding, ...chosenKernels(spec) };
}

/** Volumes in float32 hang on no choice of kernels, and have the ids that they had before there was one. */
function chosenKernels(spec: TrialSpec): { readonly kernels?: number } {
  const isVolumes = !spec.slicewise && plannedDimensions(spec) === 3;
  return isVolumes && spec.training.precision === 'float32' ? {} : { kernels: KERNEL_CHOICE };
}

/** A teacher's place and the name of its method decide nothing, as with `init`. */
function decidingRegime(regime: TrialSpec['regime']): unknown {
  const teacher = teacherIn({ regime });
  const from = teacher?.from.file === undefined ? 'method' : 'file';
  return { ...regime, path: undefined, ...(teacher === null ? {} : { teacher: { ...teacher, from } }) };
}

/** What is said as it is by default decides nothing. */
function decidingSlices(slicewise: NonNullable<TrialSpec['slicewise']>): unknown {
  if (slicewise === true || slicewise === false) return slicewise;
  const { axis = 'z', neighbours = 0, between } = slicewise;
  const told = {
    ...(axis === 'z' ? {} : { axis }),
    ...(neighbours === 0 ? {} : { neighbours }),
    ...(between === undefined ? {} : { between }),
  };
  return Object.keys(told).length === 0 ? true : told;
}

/** A data spec without what only says which of the user's files are read. */
function withoutPlaces(data: TrialSpec['data']): unknown {
  if (data.source === 'folder') return { ...data, path: undefined, pattern: undefined, slices: undefined };
  if (data.source === 'pairs') return { ...data, hr: undefined, lr: undefined, pattern: undefined, exclude: undefined };
  return data.source === 'manifest' ? { ...data, path: undefined } : data;
}

/** Where digests of the user's files are kept. */
export const digestCache = (): DigestOptions => ({ cache: join(cacheFolder(), 'digests'), onRead: tellLarge });

/** Tells before much is read. */
const TELL_BYTES = 2 ** 30;

/**
 * Makes the fingerprint of trials: the version of the code, and what is in the files that they read, each by the name
 * that the split and the degradation know it by. Every file is read once, then known by its cached digest.
 * @param options.baseDir where relative paths start.
 * @param options.onMissing told of files that are not there, in place of an error.
 * @throws {InputError} for a folder or manifest that is missing or holds no image.
 */
export function contentFingerprint(options: {
  readonly baseDir: string;
  readonly onMissing?: (what: string) => void;
}): (spec: TrialSpec) => unknown {
  const { baseDir, onMissing } = options;
  const digests = digestCache();
  const bySource = new Map<string, unknown>();
  return (spec) => {
    const { data, regime } = spec;
    const extensions = extensionsOf(spec).map(({ digest }) => digest);
    const source = canonicalJson(data);
    if (!bySource.has(source)) bySource.set(source, filesFingerprint(data, { baseDir, digests, onMissing }));
    return {
      version: RESULTS_VERSION,
      data: bySource.get(source),
      ...(extensions.length === 0 ? {} : { extensions: extensions.sort() }),
      ...(regime.kind === 'onnx' ? { network: networkDigest(resolve(baseDir, regime.path), digests, onMissing) } : {}),
      ...Object.fromEntries(
        modelLinks(spec).flatMap(({ field, from: { file } }) =>
          file === undefined ? [] : [[field, networkDigest(resolve(baseDir, file), digests, onMissing)]],
        ),
      ),
    };
  };
}

/** What is in the files that a source reads, each by its name; null for a source without files of the user's. */
export function sourceFingerprint(data: TrialSpec['data'], baseDir: string): unknown {
  return filesFingerprint(data, { baseDir, digests: digestCache(), onMissing: undefined });
}

interface FilesOptions {
  readonly baseDir: string;
  readonly digests: DigestOptions;
  readonly onMissing: ((what: string) => void) | undefined;
}

function filesFingerprint(data: TrialSpec['data'], { baseDir, digests, onMissing }: FilesOptions): unknown {
  const files = filesOf(data, baseDir, onMissing);
  // What is no image (missing, a pipe, a folder) has no digest here; the check of the data says which it is.
  const digest = (path: string | null) => {
    if (path === null) return null;
    if (isImageFile(path)) return contentDigest(path, digests);
    onMissing?.(path);
    return null;
  };
  return files?.map(({ name, role, path, lr }) => ({ name, role, hr: digest(path), lr: digest(lr) })) ?? null;
}

function filesOf(data: TrialSpec['data'], baseDir: string, onMissing: FilesOptions['onMissing']) {
  if (!onMissing) return sourceFiles(data, baseDir);
  try {
    return sourceFiles(data, baseDir);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    onMissing(`${error.parts.who}: ${error.parts.got}`);
    return null;
  }
}

/** Another network under the same name makes other trials. */
function networkDigest(path: string, digests: DigestOptions, onMissing: FilesOptions['onMissing']): string | null {
  if (isFile(path)) return contentDigest(path, digests);
  onMissing?.(path);
  return null;
}

const isImageFile = (path: string): boolean => isFile(path) || isZarrStore(path);

/** A circle of links is no file. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function tellLarge(path: string, bytes: number): void {
  if (bytes >= TELL_BYTES) console.error(`reading ${path} (${formatBytes(bytes)}), once: its content names the trials`);
}
