import { InputError } from '@lacuna/core';
import { describeFactor } from '@lacuna/datasets';
import { readOnnxMetadata } from '@lacuna/onnx';
import { version } from '../machine/workspace.js';
import { usualSmoothing } from '../network/network-of-files.js';
import { levelOfHead, levelOfModel } from '../upscale/network-level.js';
import { factorOf, type UpscaleModel } from '../upscale/open-model.js';
import type { DemoModel } from './demo-model.js';

/**
 * What a page is told of a model.
 * @throws {InputError} for a model that takes planes with their neighbours, which pages do not cut.
 */
export function describeDemoModel(model: UpscaleModel): DemoModel {
  const { label, run, volume, levels, inverted, lrPixelSize, ownLevel, level, headLevel, spec, slicing } = model;
  if (slicing !== null)
    throw new InputError({
      who: `MODEL ${label}`,
      got: 'a model that takes the planes of a volume with their neighbours',
      wanted: 'a model of planes or of volumes',
      remedy: 'enlarge with it by lacuna upscale, or take another method of the sweep: --method NAME',
    });
  const { data = null, licence = null } = readOnnxMetadata(model.onnx) ?? {};
  const isKnown = ownLevel !== null || level !== null;
  return {
    version,
    label,
    run,
    volume,
    levels,
    inverted,
    lrPixelSize,
    factor: describeFactor(factorOf(model)),
    network: {
      smoothing: spec?.evaluation.smoothing ?? usualSmoothing,
      level: isKnown ? levelOfModel(model, { levels: 'auto' }, 'lacuna demo') : null,
      head: headLevel === null ? null : levelOfHead(headLevel),
    },
    data,
    licence,
  };
}
