import { InputError } from '@lacuna/core';
import { byAxis, type DegradationSpec } from '@lacuna/datasets';
import { changedForward, forwardSpec } from '../degrade/forward-spec.js';
import type { ModelSettings } from '../upscale/settings-of-model.js';
import { factorOf, type UpscaleModel } from '../upscale/open-model.js';
import type { ExplainOptions } from './options.js';

/** Sources whose scans an instrument made: no spec says how. A manifest may name scans. */
const MEASURED: readonly string[] = ['pairs', 'rock-pair', 'sr-caco-2', 'biosr', 'manifest'];

/**
 * How the scans of a model were made: as somebody says, else as its training says, with the fields that somebody
 * changes; null where nobody says, as for networks of others, pairs that were measured, and degradations that are drawn
 * (blind).
 * @throws {InputError} for unknown names and fields, and fields without a degradation.
 */
export function forwardOf(
  model: Pick<UpscaleModel, 'label' | 'spec' | 'run' | 'volume'>,
  { forward, set }: Pick<ExplainOptions, 'forward' | 'set'>,
): DegradationSpec | null {
  const { x, y, z } = byAxis(factorOf(model));
  if (forward !== null) return forwardSpec('--forward', forward, { factor: `{x: ${x}, y: ${y}, z: ${z}}`, set });
  const trained = trainedOn(model.spec);
  if (set.length === 0) return trained;
  return changedForward('--set', requireForward(trained, model), set);
}

function trainedOn(settings: ModelSettings | null): DegradationSpec | null {
  if (settings === null || settings.degradation === null || settings.degradation.kind === 'blind') return null;
  return MEASURED.includes(settings.data.source) ? null : settings.degradation;
}

/**
 * The degradation that a part cannot do without.
 * @throws {InputError} where it is not known.
 */
export function requireForward(
  degradation: DegradationSpec | null,
  { label }: Pick<UpscaleModel, 'label'>,
): DegradationSpec {
  if (degradation !== null) return degradation;
  throw new InputError({
    who: `MODEL ${label}`,
    got: 'a network that does not say how its scans were made',
    wanted: 'a known degradation',
    remedy: 'say it, such as --forward confocal --set photons=60, or choose --parts that do without',
  });
}
