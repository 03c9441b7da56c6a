import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FailureError, InputError, readRegularFile } from '@lacuna/core';
import { layout, readResult, readResults, type TrialResult } from '../sweep/results/results.js';
import type { TrialSpec } from '../sweep/spec/spec.js';
import { betterIs } from './better.js';
import { modelKinds, type LocatedModel, type Selection } from './located-model.js';
import { readPackage } from './package-model.js';
import { modelOfRun, bestRun } from './tracked-model.js';

/**
 * Finds the model that MODEL names: an ONNX file, a checkpoint (safetensors), a model package (folder or zip), the
 * folder of a trial or of a sweep, the name of a sweep, an MLflow run, an MLflow experiment. Of several the best by
 * `by`, else by what the spec selects.
 * @throws {InputError} where there is none, with what MODEL may be.
 */
export async function locateModel(text: string, selection: Selection): Promise<LocatedModel> {
  if (existsSync(text)) return statSync(text).isDirectory() ? locateInFolder(text, selection) : locateFile(text);
  const sweep = layout.trials(join('runs', text));
  if (existsSync(sweep)) return locateInFolder(join('runs', text), selection);
  if (/[\\/]|\.(onnx|safetensors|zip)$/i.test(text)) throw nothing(text, 'no such file or folder');
  return /^[0-9a-f]{32}$/.test(text) ? modelOfRun(text, selection) : bestRun(text, selection);
}

const nothing = (text: string, got: string): InputError =>
  new InputError({ who: `MODEL ${text}`, got, wanted: modelKinds });

function locateFile(path: string): LocatedModel {
  const bytes = readRegularFile(path, modelKinds);
  // A zip begins with PK.
  if (bytes[0] === 0x50 && bytes[1] === 0x4b)
    return { label: basename(path), bytes: readPackage(path, bytes), trial: null };
  const trial = basename(dirname(path)) === 'checkpoints' ? dirname(dirname(path)) : null;
  return { label: basename(path), bytes, trial: trial !== null && existsSync(layout.trialFile(trial)) ? trial : null };
}

function locateInFolder(folder: string, selection: Selection): LocatedModel {
  if (existsSync(join(folder, 'rdf.yaml')) || existsSync(join(folder, 'bioimageio.yaml')))
    return { label: basename(folder), bytes: readPackage(folder), trial: null };
  if (existsSync(layout.trialFile(folder))) return modelOfTrial(folder);
  if (existsSync(layout.trials(folder))) return bestTrial(folder, selection);
  for (const name of ['model.onnx', 'best.safetensors'])
    if (existsSync(join(folder, name))) return locateFile(join(folder, name));
  throw nothing(folder, 'a folder without a model');
}

function modelOfTrial(folder: string): LocatedModel {
  const path = join(layout.checkpoints(folder), 'best.safetensors');
  const result = readResult(folder);
  if (!existsSync(path))
    throw new InputError({
      who: `MODEL ${folder}`,
      got: result?.steps === 0 ? 'a method without training' : 'a trial without a model',
      wanted: 'a trial that was trained',
      remedy: 'name another trial, or run the sweep to its end',
    });
  return { label: result?.name ?? basename(folder), bytes: readFileSync(path), trial: folder };
}

/** A trial with what its sweep selects models by. */
interface Candidate {
  readonly folder: string;
  readonly result: TrialResult;
  readonly select: { metric: string; better: 'higher' | 'lower' };
}

/** Trained and finished trials of a sweep. */
function candidatesOf(sweep: string): Candidate[] {
  return readResults(sweep)
    .filter(
      (result) =>
        result.status === 'finished' &&
        existsSync(join(layout.checkpoints(layout.trial(sweep, result.id)), 'best.safetensors')),
    )
    .map((result) => {
      const folder = layout.trial(sweep, result.id);
      return { folder, result, select: configOf(folder).training.select };
    });
}

/** @throws {FailureError} where what the sweep wrote was damaged. */
function configOf(folder: string): TrialSpec {
  const path = layout.trialFile(folder);
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { trial: { config: TrialSpec } }).trial.config;
  } catch (error) {
    throw new FailureError(
      {
        who: path,
        got: 'text that is not the settings of a trial',
        wanted: 'what lacuna sweep wrote',
        remedy: 'name the model of another trial, or take the folder of this one away: the sweep makes it again',
      },
      { cause: error },
    );
  }
}

/** The trial with the best validation score: the test split has no say in the choice. */
function bestTrial(sweep: string, { by, method }: Selection): LocatedModel {
  const all = candidatesOf(sweep);
  const named = all.filter(({ result }) => method === null || result.method === method);
  if (named.length === 0)
    throw new InputError({
      who: `MODEL ${sweep}`,
      got: all.length === 0 ? 'a sweep without a trained model' : `no trained model of method ${method}`,
      wanted:
        all.length === 0
          ? 'a finished trial'
          : `one of ${[...new Set(all.map(({ result }) => result.method))].join(', ')}`,
    });
  const metric = by ?? named[0].select.metric;
  const scored = named.filter(({ result }) => typeof result.validation.values[metric] === 'number');
  if (scored.length === 0)
    throw new InputError({
      who: '--by',
      got: metric,
      wanted: `a metric of the sweep: ${Object.keys(named[0].result.validation.values).join(', ')}`,
    });
  const higher = by === null ? named[0].select.better === 'higher' : betterIs(by) === 'higher';
  const [best] = scored.sort(
    (a, b) => (higher ? -1 : 1) * (a.result.validation.values[metric]! - b.result.validation.values[metric]!),
  );
  const found = modelOfTrial(best.folder);
  const score = best.result.validation.values[metric]!.toPrecision(4);
  return { ...found, label: `${found.label}, best of ${scored.length} by validation ${metric} (${score})` };
}

/** Trials that differ from one in their seed alone. */
export function otherSeedsOf(trial: string): string[] {
  const own = readResult(trial);
  const path = resolve(trial);
  const sweep = dirname(dirname(path));
  if (!own)
    throw new InputError({
      who: '--uncertainty seeds',
      got: `${trial} without a result`,
      wanted: 'a finished trial of a sweep',
    });
  return candidatesOf(sweep)
    .filter(({ result }) => result.group === own.group && result.method === own.method)
    .map(({ folder }) => folder)
    .filter((folder) => resolve(folder) !== path);
}
