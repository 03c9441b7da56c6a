import { InputError } from '@lacuna/core';
import type { UpscaleModel } from '../upscale/open-model.js';
import {
  VALIDATION,
  dataOfTrial,
  folderCases,
  levelOfFineImages,
  requireApart,
  validationCases,
  type CalibrationCase,
} from './calibration-cases.js';
import { requireForward } from './forward.js';
import type { ExplainOptions } from './options.js';
import type { Subject } from './subject.js';

/** Scans whose networks are known. */
export interface Calibration {
  readonly cases: readonly CalibrationCase[];
  /** Where they come from, for people. */
  readonly origin: string;
}

/**
 * The images that `--calibrate` names.
 * @throws {InputError} where they are not there, the model knows them, or the scan that is explained is among them.
 */
export async function openCalibration(
  named: string,
  subject: Pick<Subject, 'model' | 'trial' | 'lr' | 'degradation' | 'reading'>,
  options: Pick<ExplainOptions, 'levels' | 'channel' | 'invert' | 'pixelSize' | 'seed'>,
): Promise<Calibration> {
  const { model, trial, lr, reading } = subject;
  const data = trial === null ? null : await dataOfTrial(trial);
  let cases: CalibrationCase[];
  if (named === VALIDATION) {
    if (data === null) throw withoutTrial(model);
    cases = validationCases(data);
  } else {
    const degradation = requireForward(subject.degradation, model);
    const level = data === null ? (model.level ?? reading.level) : levelOfFineImages(data);
    const { smoothing } = reading;
    cases = await folderCases(named, model, { ...options, degradation, level, smoothing, explained: lr, known: data });
  }
  requireApart(lr, cases);
  return { cases, origin: named === VALIDATION ? "validation split of the model's spec" : named };
}

function withoutTrial({ label }: UpscaleModel): InputError {
  return new InputError({
    who: `--calibrate ${VALIDATION}`,
    got: `${label}, which lies in no trial`,
    wanted: 'the folder of a sweep or trial as MODEL: its spec names the images',
    remedy: 'give a folder of fine images: --calibrate FOLDER',
  });
}
