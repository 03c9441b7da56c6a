import { readTensorFile, writeTensorFile } from '@lacuna/models';
import type { OwnLevelChoice } from '../sweep/results/results.js';
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

/** Writes the levels of a model's image and of its head, known only once the model is chosen, into its file. */
export function noteOwnLevels(
  path: string,
  { ownLevel, headLevel }: { readonly ownLevel: OwnLevelChoice; readonly headLevel: OwnLevelChoice | null },
): void {
  const levels = { ownLevel: ownLevel.level, headLevel: headLevel?.level ?? null };
  const known = Object.entries(levels).filter(([, level]) => level !== null);
  if (known.length === 0) return;
  const { tensors, metadata } = readTensorFile(path);
  const text = Object.fromEntries(known.map(([name, level]) => [name, JSON.stringify(level)]));
  writeTensorFile(path, { tensors, metadata: { ...metadata, ...text } });
}
