import { InputError, LacunaError, formatBytes } from '@lacuna/core';
import type { PatchSize } from '@lacuna/datasets';
import { stepBytes, type Teacher } from '@lacuna/models';
import { canonicalJson } from '@lacuna/sweep';
import { memoryForTrials, trainingBytes, type FreeMemory } from '../../machine/step-memory.js';
import type { Backend } from '../../machine/workers.js';
import { describePatch, typedPatch } from '../../trial/view/view-checks.js';
import { patchOf, plannedView } from '../../trial/view/view.js';
import { isTrained } from '../spec/method.js';
import type { LacunaTrial } from '../plan/plan.js';
import { plannedRegime, type PlannedStep } from '../plan/planned-regime.js';
import { plannedTeacher, type TrialsById } from '../plan/planned-teacher.js';
import type { TrialSpec } from '../spec/spec.js';

/** What the trials of a sweep need, and what there is. */
export interface SweepMemory {
  /** Of the trial that needs the most; null where nothing is trained. */
  readonly largest: { readonly trial: LacunaTrial; readonly bytes: number; readonly teacher: Teacher | null } | null;
  readonly free: FreeMemory;
}

/**
 * Reads off the graphs what the processes of trials take at their most, data apart.
 * @param planned all trials of the sweep, among which teachers are.
 */
export function sweepMemory(
  trials: readonly LacunaTrial[],
  backend: Backend,
  free: FreeMemory = memoryForTrials(backend),
  planned: readonly LacunaTrial[] = trials,
): SweepMemory {
  // Measured with TensorFlow; of other engines nothing is known.
  if (backend.engine !== 'tensorflow') return { largest: null, free };
  const byId = new Map(planned.map((trial) => [trial.id, trial]));
  const different = new Map<string, { readonly trial: LacunaTrial; readonly teacher: Teacher | null }>();
  for (const trial of trials) {
    if (!isTrained(trial.config.regime)) continue;
    const { model, regime, degradation, training } = trial.config;
    const { patch, batch, ema, clipNorm, breaks, threads } = training;
    const step = [patch, batch, ema, clipNorm, breaks !== undefined, threads];
    const teacher = teacherOrNone(trial, byId);
    const kind = canonicalJson([model, regime, degradation, plannedView(trial.config), step, teacher]);
    if (!different.has(kind)) different.set(kind, { trial, teacher });
  }
  let largest: SweepMemory['largest'] = null;
  for (const { trial, teacher } of different.values()) {
    const view = plannedView(trial.config);
    const patch = patchOf(trial.config, view);
    const bytes = bytesOf(trial.config, { patch, batch: trial.config.training.batch, view, teacher }, backend);
    if (bytes !== null && bytes > (largest?.bytes ?? 0)) largest = { trial, bytes, teacher };
  }
  return { largest, free };
}

/** "memory of a step: about 1.2 GB (geometry), 20.1 GB free"; empty where nothing is trained. */
export function describeMemory({ largest, free }: SweepMemory, workers: number): string {
  if (largest === null) return '';
  const { trial, bytes } = largest;
  const together = workers > 1 ? `, ${workers} side by side ${formatBytes(workers * bytes)}` : '';
  const step = `${free.of} of a training step: about ${formatBytes(bytes)} (${trial.method})`;
  return `${step}${together}; ${formatBytes(free.bytes)} free`;
}

/** Trials side by side on one GPU, as many of `most` as the GPU's memory has room for; at least one. */
export function trialsOnGpu({ largest, free }: SweepMemory, most: number): number {
  if (largest === null || free.of === 'memory') return most;
  return Math.max(1, Math.min(most, Math.floor(free.bytes / largest.bytes)));
}

/** Trials side by side, as many of `workers` as memory has room for; at least one. */
export function workersThatFit({ largest, free }: SweepMemory, workers: number): number {
  if (largest === null || free.of !== 'memory') return workers;
  return Math.max(1, Math.min(workers, Math.floor(free.bytes / largest.bytes)));
}

/**
 * @throws {InputError} where the largest step does not fit into memory, or not as often as trials run side by side:
 * with what it needs, what there is, and what would fit.
 */
export function requireMemory(
  memory: SweepMemory,
  { workers, backend, resolved }: { workers: number; backend: Backend; resolved: unknown },
): void {
  const { largest, free } = memory;
  if (largest === null) return;
  const { trial, bytes, teacher } = largest;
  const fit = workersThatFit(memory, workers);
  if (bytes <= free.bytes && fit === workers) return;
  const { config, group } = trial;
  const view = plannedView(config);
  const patch = patchOf(config, view);
  const step = `training.batch ${config.training.batch} of training.patch ${describePatch(patch)}`;
  if (bytes <= free.bytes)
    throw new InputError({
      who: '--workers',
      got: `${workers} trials side by side of about ${formatBytes(bytes)} each (${group}: ${step})`,
      wanted: `at most ${formatBytes(free.bytes)}, which are free`,
      remedy: `take --workers ${fit}`,
    });
  throw new InputError({
    who: group,
    got: `${step}: a step that needs about ${formatBytes(bytes)} of ${free.of}`,
    wanted: `at most ${formatBytes(free.bytes)}, which are free`,
    remedy: remedyFor(trial, { step: { patch, view, teacher }, backend, bytes: free.bytes, resolved }),
  });
}

/** What to set so that a step fits: fewer patches, then smaller ones. */
function remedyFor(
  { config, method }: LacunaTrial,
  room: { step: Omit<PlannedStep, 'batch'>; backend: Backend; bytes: number; resolved: unknown },
): string {
  const { step, backend } = room;
  const { patch } = step;
  const fits = (smaller: PatchSize, batch: number) => {
    const bytes = bytesOf(config, { ...step, patch: smaller, batch }, backend);
    return bytes !== null && bytes <= room.bytes;
  };
  const field = (name: 'batch' | 'patch') =>
    isOwnField(room.resolved, method, name) ? `methods.${method}.training.${name}` : `training.${name}`;
  for (let batch = config.training.batch >> 1; batch >= 1; batch >>= 1)
    if (fits(patch, batch)) return `take --set ${field('batch')}=${batch}`;
  const smaller = smallerPatches(patch).find((each) => fits(each, 1));
  if (smaller) return `take --set ${field('batch')}=1 --set "${field('patch')}=${typedPatch(smaller)}"`;
  return 'take a smaller model, or a machine with more memory';
}

/** Whether a method of the spec has a field of training of its own, which one for all methods does not change. */
function isOwnField(resolved: unknown, method: string, name: string): boolean {
  const at = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return at(at(at(at(resolved, 'methods'), method), 'training'), name) !== undefined;
}

/** Patches of ever smaller sides, each axis to even numbers of at least 4. */
function smallerPatches({ x, y, z }: PatchSize): PatchSize[] {
  const shrunk = (length: number, by: number) => Math.min(length, Math.max(4, 2 * Math.floor((length * by) / 2)));
  return [0.75, 0.5, 0.375, 0.25, 0.125].map((by) => ({
    x: x === 1 ? 1 : shrunk(x, by),
    y: y === 1 ? 1 : shrunk(y, by),
    z: z === 1 ? 1 : shrunk(z, by),
  }));
}

/** The teacher of a trial; none where it cannot be had, which other checks say. */
function teacherOrNone(trial: LacunaTrial, trials: TrialsById): Teacher | null {
  try {
    return plannedTeacher(trial, trials);
  } catch (error) {
    if (error instanceof LacunaError) return null;
    throw error;
  }
}

/** Bytes of a trial's process; null where a patch does not pass through the model. */
function bytesOf(config: TrialSpec, step: PlannedStep, backend: Backend): number | null {
  const { regime } = config;
  if (!isTrained(regime)) return null;
  try {
    const { program } = plannedRegime(config, regime, step);
    const steps = Object.keys(program.actions).filter((action) => action !== 'predict');
    return trainingBytes(stepBytes(program, steps, config.training.threads), backend);
  } catch (error) {
    if (error instanceof LacunaError) return null;
    throw error;
  }
}
