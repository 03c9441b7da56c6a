import { InputError, LacunaError } from '@lacuna/core';
import type { PatchSize } from '@lacuna/datasets';
import { factorOf, requireSymmetry } from '@lacuna/models';
import { canonicalJson, refuse } from '@lacuna/sweep';
import { requireReader } from '../../baseline/linear-kernel.js';
import { tryAugmentations } from '../../extensions/augmentation.js';
import { ExtensionError } from '../../extensions/extension-error.js';
import { plannedDimensions } from '../../trial/data/dimensions.js';
import { describePatch, requireFactor, requirePatchOfView, typedPatch } from '../../trial/view/view-checks.js';
import { modelFactor, patchOf, plannedView, type View } from '../../trial/view/view.js';
import { isTrained } from '../spec/method.js';
import { teacherIn } from '../spec/model-links.js';
import type { LacunaTrial } from '../plan/plan.js';
import { plannedRegime, type PlannedStep } from '../plan/planned-regime.js';
import { plannedTeacher, type TrialsById } from '../plan/planned-teacher.js';
import type { TrialSpec } from '../spec/spec.js';

/**
 * Builds what each kind of trial trains, for a batch of one: a patch that does not pass through the model's levels or
 * the discriminator is said before anything runs.
 * @throws {SpecError} a line for each kind that cannot be built.
 */
export function checkShapes(trials: readonly LacunaTrial[]): void {
  const byId = new Map(trials.map((trial) => [trial.id, trial]));
  const different = new Map<string, LacunaTrial>();
  for (const trial of trials) {
    const { model, regime, degradation, training, dimensions, slicewise, data } = trial.config;
    const axes = [plannedDimensions({ dimensions, data }), slicewise];
    const teachers = teacherIn(trial.config) === null ? null : (byId.get(trial.after ?? '')?.config ?? null);
    const kind = canonicalJson([model, regime, degradation, training.patch, training.augmentations, axes, teachers]);
    if (!different.has(kind)) different.set(kind, trial);
  }
  const problems = [...different.values()].flatMap((trial) => shapeProblem(trial, byId) ?? []);
  if (problems.length > 0) refuse(problems);
}

function shapeProblem(trial: LacunaTrial, trials: TrialsById): string | null {
  const { config, group } = trial;
  const view = plannedView(config);
  const axes = whyNoAxes(config);
  if (axes !== null) return `${group}: ${axes}`;
  if (!isTrained(config.regime)) return null;
  const patch = patchOf(config, view);
  const built = (size: PatchSize) =>
    whyNotBuilt(config, size, () => ({ view, teacher: plannedTeacher(trial, trials) }));
  const reason = built(patch);
  if (reason === null) return null;
  // What a regime cannot do with a model or a degradation no other patch mends.
  if (reason instanceof InputError && /^regime[ .]/.test(reason.parts.who)) return `${group}: ${reason.message}`;
  const fields = ['training.patch', ...fieldsOfSize(config)].join(', ');
  const next = candidates(patch, view).find((larger) => built(larger) === null);
  const remedy = next ? `set training.patch to ${typedPatch(next)}, or change ${fields}` : `change ${fields}`;
  const left = `of which nothing is left inside the network (${reason.message})`;
  const got = `training.patch ${describePatch(patch)} (LR px), ${left}`;
  return `${group}: got ${got}, wanted a patch that passes through it; ${remedy}`;
}

/** What planes cannot have; null where all is well. */
function whyNoAxes(config: TrialSpec): string | null {
  const images = plannedDimensions(config) ?? 2;
  try {
    requireFactor(config, images);
    const view = plannedView(config);
    if (config.regime.kind === 'linear') requireReader(config.regime, view);
    if (isTrained(config.regime)) requireSymmetry(config.model, factorOf(modelFactor(config, view)));
    if (isTrained(config.regime)) requirePatchOfView(config, images);
    return null;
  } catch (error) {
    if (error instanceof LacunaError) return error.message;
    throw error;
  }
}

/** Larger patches: each axis to multiples of ever more halvings, then all of them larger than they are. */
function candidates({ x, y, z }: PatchSize, { dimensions, slices }: View): PatchSize[] {
  const isSame = (other: PatchSize) => other.x === x && other.y === y && other.z === z;
  const raised = (multiple: number, least: number): PatchSize => {
    const raise = (length: number) => Math.ceil((length + least) / multiple) * multiple;
    const cube = { x: raise(x), y: raise(y), z: raise(z) };
    return dimensions === 3 ? cube : { ...cube, [slices?.axis ?? 'z']: 1 };
  };
  const multiples = [2, 4, 8, 16, 32, 64, 128, 256];
  const all = [
    ...multiples.map((multiple) => raised(multiple, 0)),
    ...multiples.map((multiple) => raised(multiple, 1)),
  ];
  return all.filter((patch) => !isSame(patch));
}

/** Fields of a spec that decide how small a patch becomes. */
function fieldsOfSize({ model, regime }: TrialSpec): string[] {
  return [
    ...('levels' in model ? ['model.levels'] : []),
    ...('discriminator' in regime ? ['regime.discriminator'] : []),
  ];
}

/** Why a trial's training step cannot be built for a patch; null where it can. */
function whyNotBuilt(
  config: TrialSpec,
  patch: PatchSize,
  ask: () => Pick<PlannedStep, 'view' | 'teacher'>,
): LacunaError | null {
  const { regime } = config;
  if (!isTrained(regime)) return null;
  try {
    const { patches } = plannedRegime(config, regime, { patch, batch: 1, ...ask() });
    tryAugmentations(config.training.augmentations, patches);
    return null;
  } catch (error) {
    if (error instanceof LacunaError && !(error instanceof ExtensionError)) return error;
    throw error;
  }
}
