import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelCost } from '@lacuna/models';
import { canonicalJson } from '@lacuna/sweep';
import { writeJson } from './files.js';
import type { TrialSpec } from './spec.js';
import { cacheFolder } from './workspace.js';

/** Work of a step beyond the generator's forward pass: its gradients, discriminators, the second generator of CycleGAN. */
const WORK = { paired: 3, geometry: 3.6, adversarial: 8, unpaired: 20 } as const;
/** What one core of a laptop does in small convolutions, for machines that have measured nothing yet. */
const MACS_PER_SECOND = 5e9;

const file = () => join(cacheFolder(), 'step-times.json');

function key({ model, regime, training, degradation }: TrialSpec): string {
  return createHash('sha256').update(canonicalJson({ model, regime, batch: training.batch, patch: training.patch, factor: degradation.factor })).digest('hex').slice(0, 16);
}

function measured(): Record<string, number> {
  try {
    return existsSync(file()) ? (JSON.parse(readFileSync(file(), 'utf8')) as Record<string, number>) : {};
  } catch {
    return {};
  }
}

/** Seconds that a trial's steps take: from earlier trials on this machine, else from the work of the model. */
export function estimateSeconds(spec: TrialSpec): { seconds: number; measured: boolean } {
  if (spec.regime.kind === 'interpolation') return { seconds: 1, measured: true };
  const known = measured()[key(spec)];
  if (known !== undefined) return { seconds: (known * spec.training.steps) / 1000, measured: true };
  const { macsPerPixel } = modelCost(spec.model, { factor: spec.degradation.factor, channels: 1 });
  const pixels = spec.training.batch * (spec.training.patch * spec.degradation.factor) ** 2;
  return { seconds: (macsPerPixel * pixels * WORK[spec.regime.kind] * spec.training.steps) / MACS_PER_SECOND, measured: false };
}

/** Keeps the step time of a finished trial for later estimates. */
export function rememberStepMs(spec: TrialSpec, stepMs: number | null): void {
  if (stepMs !== null) writeJson(file(), { ...measured(), [key(spec)]: stepMs });
}
