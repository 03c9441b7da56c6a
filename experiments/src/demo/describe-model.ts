import { describeFactor } from '@lacuna/datasets';
import { readOnnxMetadata } from '@lacuna/onnx';
import { version } from '../machine/workspace.js';
import { usualSmoothing } from '../network/network-of-files.js';
import { levelOfHead, levelOfModel } from '../upscale/network-level.js';
import { factorOf, type UpscaleModel } from '../upscale/open-model.js';
import type { DemoModel } from './demo-model.js';

/** What a page is told of a model. */
export function describeDemoModel(model: UpscaleModel): DemoModel {
  const { label, run, volume, levels, inverted, lrPixelSize, ownLevel, level, headLevel, spec, slicing } = model;
  const { data = null, licence = null } = readOnnxMetadata(model.onnx) ?? {};
  const isKnown = ownLevel !== null || level !== null;
  return {
    version,
    label,
    run,
    volume,
    slicing,
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
