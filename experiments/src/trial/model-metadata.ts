import { readTensorFile, writeTensorFile } from '@lacuna/models';
import type { OwnLevelChoice } from '../sweep/results.js';
import type { TrialContext } from './context.js';

/** A model's own account of how it was made, for whoever loads it elsewhere. */
export function modelMetadata({ options: { trial }, data }: TrialContext): Record<string, string> {
  return {
    trial: trial.id,
    name: trial.name,
    seed: String(trial.seed),
    normalisation: JSON.stringify(data.normalisation),
    level: String(data.level),
    dataRange: JSON.stringify(data.source.images[0].dataRange),
    pixelSize: JSON.stringify(data.source.images[0].pixelSize),
    data: data.source.description,
    spec: JSON.stringify(trial.config),
  };
}

/** Writes a model's own level, which is known only once the model is chosen, into its file. */
export function noteOwnLevel(path: string, { level }: OwnLevelChoice): void {
  if (level === null) return;
  const { tensors, metadata } = readTensorFile(path);
  writeTensorFile(path, { tensors, metadata: { ...metadata, ownLevel: JSON.stringify(level) } });
}
