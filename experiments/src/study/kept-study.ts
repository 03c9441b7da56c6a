import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError, writeFileAtomic } from '@lacuna/core';
import { canonicalJson } from '@lacuna/sweep';
import type { LacunaTrial } from '../sweep/plan/plan.js';
import type { TrialResult } from '../sweep/results/results.js';
import { commonSpec, trialSpec, type CommonSpec, type TrialSpec } from '../sweep/spec/spec.js';

/** Where and by what a trial's numbers were kept; it may have run on an earlier commit. */
export interface Provenance {
  /** The commit of Lacuna's sources; null outside of a checkout. */
  readonly commit: string | null;
  /** Day on which they were kept. */
  readonly date: string;
  readonly machine: string;
}

/** One trial whose numbers are kept. */
export interface KeptTrial {
  readonly trial: LacunaTrial;
  readonly result: TrialResult;
  readonly made: Provenance;
}

/** The numbers of a finished sweep without its images and models: what a results page is made from. */
export interface KeptStudy {
  readonly name: string;
  readonly description: string;
  /** The whole spec. */
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly common: CommonSpec;
  readonly trials: readonly KeptTrial[];
}

/** As it lies in the file: settings that trials share are written once. */
interface StudyFile {
  readonly format: typeof FORMAT;
  readonly name: string;
  readonly description: string;
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly settings: readonly TrialSpec[];
  readonly trials: readonly (Omit<KeptTrial, 'trial'> & { readonly trial: StoredTrial })[];
}

type StoredTrial = Omit<LacunaTrial, 'config'> & { readonly settings: number };

const FORMAT = 'lacuna-study-1';

/** Digits of a kept number: far below what seeds scatter. */
const DIGITS = 6;

/** Writes a study as JSON, a trial a line, so that changes can be read. */
export function writeStudy(path: string, { name, description, resolved, trials }: KeptStudy): void {
  const settings = new Map<string, { readonly number: number; readonly config: TrialSpec }>();
  const lines = trials.map(({ trial, ...rest }) => {
    const { config, ...named } = trial;
    const key = canonicalJson(withoutFold(config));
    if (!settings.has(key)) settings.set(key, { number: settings.size, config: withoutFold(config) });
    const stored: StoredTrial = { ...named, settings: settings.get(key)!.number };
    return compact({ trial: stored, ...rest });
  });
  const head = compact({ format: FORMAT, name, description, resolved }).slice(0, -1);
  const configs = [...settings.values()].map(({ config }) => compact(config));
  const text = `${head},\n"settings":[\n${configs.join(',\n')}\n],\n"trials":[\n${lines.join(',\n')}\n]}\n`;
  writeFileAtomic(path, text);
}

const compact = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(DIGITS)) : each,
  );

/** Seeds tell the folds of a cross-validation. */
function withoutFold(config: TrialSpec): TrialSpec {
  return config.split.kind === 'folds' ? { ...config, split: { ...config.split, fold: undefined } } : config;
}

/**
 * Reads a study.
 * @throws {FailureError} for a file that is none, or of a version whose settings are no longer known.
 */
export function readStudy(path: string): KeptStudy {
  const file = parseFile(path);
  const configs = file.settings.map((each) => settingsOf(each, path));
  return {
    name: file.name,
    description: file.description,
    resolved: file.resolved,
    common: commonOf(file.resolved),
    trials: file.trials.map(({ trial: { settings, ...named }, ...rest }) => ({
      ...rest,
      trial: { ...named, config: withFold(configs[settings], named.seed) },
    })),
  };
}

function withFold(config: TrialSpec, seed: number): TrialSpec {
  const { split } = config;
  return split.kind === 'folds' ? { ...config, split: { ...split, fold: split.fold ?? seed % split.of } } : config;
}

function settingsOf(stored: TrialSpec, path: string): TrialSpec {
  const parsed = trialSpec().safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new FailureError({
    who: path,
    got: `settings that this version does not know (${parsed.error.issues[0]?.message ?? 'of another form'})`,
    wanted: 'a study of this version',
    remedy: 'run its sweep again, then lacuna results keep',
  });
}

function commonOf(resolved: Readonly<Record<string, unknown>>): CommonSpec {
  const given = Object.keys(commonSpec.shape).map((key) => [key, resolved[key]] as const);
  return commonSpec.parse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
}

function parseFile(path: string): StudyFile {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as StudyFile;
    if (file.format === FORMAT) return file;
  } catch (cause) {
    throw noStudy(path, existsSync(path) ? 'text that is not JSON' : 'no such file', cause);
  }
  throw noStudy(path, 'JSON of another kind');
}

const noStudy = (who: string, got: string, cause?: unknown): FailureError =>
  new FailureError(
    { who, got, wanted: 'a study that lacuna results keep wrote', remedy: 'name docs/results/<study>.json' },
    { cause },
  );

/** The studies of a folder, by name. */
export function readStudies(folder: string): KeptStudy[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return names.sort().map((name) => readStudy(join(folder, name)));
}
