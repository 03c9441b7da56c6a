import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailureError, cacheFolder } from '@lacuna/core';
import { keepsNetworkHead, modelCost, type Teacher } from '@lacuna/models';
import { canonicalJson } from '@lacuna/sweep';
import { writeJson } from '../../machine/json-file.js';
import { factorsInView, inView, modelFactor, patchOf, planesOf, plannedView } from '../../trial/view/view.js';
import { isTrained } from '../spec/method.js';
import type { TrialSpec } from '../spec/spec.js';
import type { Backend } from '../../machine/workers.js';

/** Work of a step beyond the generator's forward pass: gradients, discriminators, the second generator of CycleGAN. */
const WORK = { paired: 3, geometry: 3.6, adversarial: 8, unpaired: 20, light: 10, cut: 14, equivariant: 9 } as const;
/** What one core of a laptop, and a GPU, do in small convolutions: for machines that have measured nothing yet. */
const MACS_PER_SECOND = { CPU: 5e9, GPU: 1e12 } as const;

const file = () => join(cacheFolder(), 'step-times.json');

/** What a step's time depends on: another engine on the same machine has times of its own. */
function key(
  { model, regime, training, degradation, dimensions, slicewise }: TrialSpec,
  { engine, device }: Backend,
): string {
  return createHash('sha256')
    .update(
      canonicalJson({
        model,
        regime,
        batch: training.batch,
        threads: training.threads,
        patch: training.patch,
        factor: degradation.factor,
        ...(dimensions === undefined ? {} : { dimensions }),
        ...(slicewise ? { slicewise } : {}),
        engine,
        device,
      }),
    )
    .digest('hex')
    .slice(0, 16);
}

function measured(): Record<string, number> {
  try {
    return existsSync(file()) ? (JSON.parse(readFileSync(file(), 'utf8')) as Record<string, number>) : {};
  } catch {
    return {};
  }
}

/**
 * Seconds that a trial's steps take: from earlier trials with this engine on this machine, else from the work of the
 * model and of the teacher that it asks.
 */
export function estimateSeconds(
  spec: TrialSpec,
  backend: Backend,
  teacher: Teacher | null = null,
): { seconds: number; measured: boolean } {
  if (!isTrained(spec.regime)) return { seconds: 1, measured: true };
  const known = measured()[key(spec, backend)];
  if (known !== undefined) return { seconds: (known * spec.training.steps) / 1000, measured: true };
  const view = plannedView(spec);
  const context = { factor: modelFactor(spec, view), channels: 1, planes: planesOf(view) };
  const { macsPerPixel } = modelCost(spec.model, { ...context, networkHead: keepsNetworkHead(spec.regime) });
  // A teacher answers, and is not trained: its forward pass alone.
  const asked =
    teacher === null ? 0 : modelCost(teacher.model, { ...context, networkHead: teacher.networkHead }).macsPerPixel;
  const work = macsPerPixel * WORK[spec.regime.kind] + asked;
  const patch = inView(patchOf(spec, view), view);
  const { x, y, z } = factorsInView(spec, view);
  const pixels = spec.training.batch * patch.x * x * patch.y * y * patch.z * z;
  return {
    seconds: (work * pixels * spec.training.steps) / MACS_PER_SECOND[backend.device],
    measured: false,
  };
}

/** Keeps the step time of a finished trial for later estimates. */
export function rememberStepMs(spec: TrialSpec, stepMs: number | null, backend: Backend): void {
  if (stepMs === null) return;
  try {
    writeJson(file(), { ...measured(), [key(spec, backend)]: stepMs });
  } catch (error) {
    // A cache that is full or may not be written costs an estimate, not the sweep.
    if (!(error instanceof FailureError)) throw error;
  }
}
