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
