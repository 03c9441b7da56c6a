import { InputError } from '@lacuna/core';
import type { UpscaleModel } from '../../upscale/open-model.js';
import {
  TEST,
  VALIDATION,
  dataOfTrial,
  folderCases,
  levelOfFineImages,
  requireApart,
  requireOthers,
  splitCases,
  type CalibrationCase,
} from './calibration-cases.js';
import { requireForward } from '../forward.js';
import type { ExplainOptions } from '../options.js';
import type { Subject } from '../subject.js';

/** Scans whose networks are known. */
export interface Calibration {
  readonly cases: readonly CalibrationCase[];
  /** Whether they are the validation split of the spec that trained the model. */
  readonly isValidation: boolean;
  /** Where they come from, for people. */
  readonly origin: string;
}

type OpenOptions = Pick<ExplainOptions, 'levels' | 'channel' | 'invert' | 'pixelSize' | 'seed'>;
type Explained = Pick<Subject, 'model' | 'trial' | 'lr' | 'degradation' | 'reading'>;

/**
 * The images that `--calibrate` names.
 * @throws {InputError} where they are not there, the model knows them, or the scan that is explained is among them.
 */
export async function openCalibration(named: string, subject: Explained, options: OpenOptions): Promise<Calibration> {
  const cases = await openCases({ who: '--calibrate', named, split: VALIDATION }, subject, options);
  requireApart(subject.lr, cases);
  const isValidation = named === VALIDATION;
  return { cases, isValidation, origin: isValidation ? "validation split of the model's spec" : named };
}

/**
 * The images that `--check` names: what was calibrated is held to them. The scan that is explained may be one of them.
 * @throws {InputError} where they are not there, the model knows them, or they show fields of the calibration.
 */
export async function openCheck(
  named: string,
  calibration: Calibration,
  subject: Explained,
  options: OpenOptions,
): Promise<Calibration> {
  const cases = await openCases({ who: '--check', named, split: TEST }, subject, options);
  // Splits of one spec are apart by its guard.
  const isSplit = named === TEST && calibration.isValidation;
  if (!isSplit) requireOthers(cases, calibration.cases);
  return { cases, isValidation: false, origin: named === TEST ? "test split of the model's spec" : named };
}

/** Images with their networks: a split of the spec that trained a model, or fine images of a folder. */
async function openCases(
  asked: { who: '--calibrate' | '--check'; named: string; split: typeof VALIDATION | typeof TEST },
  subject: Explained,
  options: OpenOptions,
): Promise<CalibrationCase[]> {
  const { model, trial, lr, reading } = subject;
  const { who, named, split } = asked;
  const data = trial === null ? null : await dataOfTrial(trial);
  if (named === split) {
    if (data === null) throw withoutTrial(`${who} ${split}`, who, model);
    return splitCases(data, split);
  }
  const degradation = requireForward(subject.degradation, model);
  const level = data === null ? (model.level ?? reading.level) : levelOfFineImages(data);
  const { smoothing } = reading;
  return folderCases(named, model, { ...options, who, degradation, level, smoothing, explained: lr, known: data });
}

function withoutTrial(who: string, option: string, { label }: UpscaleModel): InputError {
  return new InputError({
    who,
    got: `${label}, which lies in no trial`,
    wanted: 'the folder of a sweep or trial as MODEL: its spec names the images',
    remedy: `give a folder of fine images: ${option} FOLDER`,
  });
}
