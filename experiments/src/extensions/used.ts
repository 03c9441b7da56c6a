import type { MetricName } from '@lacuna/iqa';
import { isTrained } from '../sweep/spec/method.js';
import type { TrialSpec } from '../sweep/spec/spec.js';
import { scoreName } from '../trial/scores/scores.js';
import { namesOf, ownerOf, type ExtensionFile } from './registry.js';

/** The terms of extensions that are part of a trial's loss. */
export function termsOfExtensions({ regime }: Pick<TrialSpec, 'regime'>): string[] {
  if (regime.kind !== 'geometry') return [];
  const weights = regime as Readonly<Record<string, unknown>>;
  return namesOf('term').filter((name) => Number(weights[name] ?? 0) > 0);
}

/** The extensions that have a part in a trial's result: what it uses of them, by kind; each file once. */
export function extensionsOf(config: TrialSpec): ExtensionFile[] {
  const { model, evaluation, training, degradation, data } = config;
  const chosen = namesOf('metric').find((name) => scoreName(name as MetricName) === training.select.metric);
  const metrics = [...evaluation.metrics, ...(chosen === undefined ? [] : [chosen])];
  const augmentations = isTrained(config.regime) ? Object.keys(training.augmentations ?? {}) : [];
  const used = [
    ownerOf('structure', data.source),
    ownerOf('degradation', degradation.kind),
    ...augmentations.map((name) => ownerOf('augmentation', name)),
    ownerOf('architecture', model.name),
    ...termsOfExtensions(config).map((name) => ownerOf('term', name)),
    ...metrics.map((name) => ownerOf('metric', name)),
  ].filter((extension) => extension !== undefined);
  return [...new Map(used.map((extension) => [extension.file, extension])).values()];
}
