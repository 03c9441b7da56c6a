import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FailureError } from '@lacuna/core';
import {
  Journal,
  ProgressDisplay,
  canonicalJson,
  formatDuration,
  localExecutor,
  lockSweep,
  runJobs,
  type TrialMessage,
} from '@lacuna/sweep';
import { writeJson } from '../machine/json-file.js';
import { isLibraryNotice } from '../machine/library-notices.js';
import { headlineScores } from '../trial/scores.js';
import { finishSweep } from './finish.js';
import { isBaseline } from './method.js';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import { prepareData } from '../trial/prepare.js';
import { layout, readResult } from './results.js';
import { rememberStepMs } from './throughput.js';
import {
  SWEEP_TAG,
  openSweepTracking,
  sweepKey,
  trackingAddress,
  type SweepTracking,
} from '../tracking/sweep-tracking.js';
import type { TrialJob } from '../trial/trial-process.js';
import { expectedEngine, slotEnvironment } from '../machine/workers.js';

/** What `lacuna sweep` was told. */
export interface RunOptions {
  readonly specPath: string;
  readonly sets: readonly string[];
  readonly workers: number;
  readonly retry: 'failed' | 'diverged' | 'all';
  readonly tracking: boolean;
  readonly out?: string;
  readonly trackingUri?: string;
}

/** The folder of a sweep's results. */
export const sweepFolder = (name: string, out?: string): string => resolve(out ?? join('runs', name));

/**
 * Runs what a sweep lacks: trials with a result stay, interrupted ones go on from their checkpoint. Training does not wait for the
 * tracking server and does not fail because of it.
 */
export async function runSweep(
  sweep: LacunaSweep,
  options: RunOptions,
): Promise<{ failed: number; mistakes: number; interrupted: boolean }> {
  const folder = sweepFolder(sweep.name, options.out);
  trackingAddress(sweep, { trackingUri: options.trackingUri, enabled: options.tracking });
  const lacking = sweep.trials.filter((trial) => readResult(layout.trial(folder, trial.id)) === null);
  await checkBaselines(lacking);
  await checkData(lacking);
  const unlock = lockSweep(folder);
  try {
    const journal = new Journal(folder);
    writeJson(join(folder, 'spec.json'), { path: options.specPath, sets: options.sets, resolved: sweep.resolved });
    const pending = sweep.trials.filter((trial) => isPending(trial, folder, options.retry));
    const tracking = openSweepTracking(sweep, folder, { trackingUri: options.trackingUri, enabled: options.tracking });
    console.log(
      `${sweep.name}: ${sweep.trials.length} trials, ${sweep.trials.length - pending.length} finished before, ${pending.length} to run on ${options.workers} worker${options.workers === 1 ? '' : 's'}; results in ${folder}`,
    );
    const { stop, kill, release } = signals(() =>
      console.log(
        '\nstopping after a checkpoint, from which the same command goes on; press Ctrl-C again to stop at once',
      ),
    );
    try {
      const summary = await runJobs({
        ...display(sweep, folder, tracking),
        workers: Math.max(1, Math.min(options.workers, pending.length)),
        journal,
        signal: stop,
        killSignal: kill,
        jobs: pending.map((trial) => ({
          id: trial.id,
          arguments: [layout.trialFile(layout.trial(folder, trial.id))],
          log: join(layout.trial(folder, trial.id), 'log.txt'),
          prepare: () => prepareJob(sweep, trial, folder, options.workers, tracking),
        })),
        executor: localExecutor({
          script: fileURLToPath(new URL('../trial/trial-process.js', import.meta.url)),
          isNoise: isLibraryNotice,
          environment: (slot) => slotEnvironment(slot, options.workers).environment,
        }),
      });
      const interrupted = stop.aborted;
      if (interrupted)
        console.log(
          `stopped; nothing is lost. To go on: the same command again${options.out ? ` (--out ${options.out})` : ''}`,
        );
      await finishSweep(sweep, folder, tracking, { specPath: options.specPath, quiet: interrupted });
      return { failed: summary.failed, mistakes: summary.mistakes, interrupted };
    } finally {
      release();
    }
  } finally {
    unlock();
  }
}

/** Reads the data of new trials before anything is written: what is wrong with them is said once, and not by every trial. */
async function checkData(trials: readonly LacunaTrial[]): Promise<void> {
  const different = new Map(
    trials.map(({ config }) => [
      canonicalJson([config.data, config.degradation, config.split, config.normalise]),
      config,
    ]),
  );
  for (const config of different.values()) (await prepareData(config, { baseDir: process.cwd() })).test();
}

/** Opens the networks of others that new trials run: files that are not there or do not fit are said once, packages are fetched once. */
async function checkBaselines(trials: readonly LacunaTrial[]): Promise<void> {
  const different = new Map(
    trials.map(({ config: { regime, degradation } }) => [
      canonicalJson([regime, degradation.factor]),
      { regime, factor: degradation.factor },
    ]),
  );
  for (const { regime, factor } of different.values()) {
    if (!isBaseline(regime)) continue;
    // Loaded here: sweeps without such methods do not depend on onnxruntime having a build for the machine.
    const { openBaseline } = await import('../baseline/baseline.js');
    const baseline = await openBaseline(regime, { factor, baseDir: process.cwd(), threads: 1 });
    await baseline.dispose();
    console.log(
      `baseline   ${baseline.label}: ${baseline.cost.parameters.toLocaleString('en')} parameters, ${(baseline.cost.macs720p / 1e9).toFixed(2)} GMACs at 720p`,
    );
  }
}

function isPending(trial: LacunaTrial, folder: string, retry: RunOptions['retry']): boolean {
  const result = readResult(layout.trial(folder, trial.id));
  if (!result) return true;
  if (result.status === 'finished' || retry === 'failed') return false;
  // A diverged trial begins again from nothing: its checkpoint would only diverge once more.
  for (const path of [layout.result, layout.checkpoints, layout.metrics])
    rmSync(path(layout.trial(folder, trial.id)), { recursive: true, force: true });
  return true;
}

/** Writes what the trial's process reads, just before it starts: the tracking server may have come up since the last one. */
function prepareJob(
  sweep: LacunaSweep,
  trial: LacunaTrial,
  folder: string,
  workers: number,
  tracking: SweepTracking,
): void {
  const job: TrialJob = {
    trial,
    folder: layout.trial(folder, trial.id),
    baseDir: process.cwd(),
    threads: slotEnvironment(0, workers).threads,
    energyShare: 1 / workers,
    tracking: {
      experiment: sweep.common.tracking.experiment,
      uri: tracking.uri(),
      tags: { [SWEEP_TAG]: sweepKey(sweep) },
    },
  };
  writeJson(layout.trialFile(layout.trial(folder, trial.id)), job);
}

function display(sweep: LacunaSweep, folder: string, tracking: SweepTracking) {
  const lines = new ProgressDisplay();
  const computes = expectedEngine();
  const byId = new Map(sweep.trials.map((trial) => [trial.id, trial]));
  const width = Math.max(...sweep.trials.map((trial) => trial.name.length));
  const name = (id: string) => byId.get(id)!.name.padEnd(width);
  return {
    onMessage(id: string, message: TrialMessage) {
      if (message.kind === 'warning') lines.print(`${name(id)}  ${message.text}`);
      if (message.kind !== 'progress') return;
      const { step, steps, loss, score, stepMs, note } = message;
      const { select } = byId.get(id)!.config.training;
      const parts = note
        ? [note]
        : [
            `step ${step}/${steps}`,
            ...(loss === null ? [] : [`loss ${loss.toPrecision(3)}`]),
            ...(score === null ? [] : [`best ${select.metric} ${score.toPrecision(4)}`]),
            ...(stepMs === null
              ? []
              : [`${stepMs.toFixed(0)} ms/step`, `${formatDuration(((steps - step) * stepMs) / 1000)} left`]),
          ];
      lines.update(id, { name: name(id), text: parts.join('  ') });
    },
    onState(id: string, state: string, reason?: string) {
      if (state === 'running') return;
      const result = readResult(layout.trial(folder, id));
      const scores =
        result && result.status === 'finished'
          ? Object.entries(result.validation.values)
              .filter(([metric]) => headlineScores.includes(metric))
              .map(([metric, value]) => `${metric} ${value === null ? '–' : value.toPrecision(4)}`)
              .join('  ')
          : '';
      lines.end(id, {
        name: name(id),
        text: [
          state,
          reason ?? '',
          scores ? `validation ${scores}` : '',
          result ? formatDuration(result.cost.trainSeconds) : '',
        ]
          .filter((part) => part !== '')
          .join('  '),
      });
      if (result) rememberStepMs(byId.get(id)!.config, result.cost.stepMs, computes);
      void tracking.deliver();
    },
  };
}

/** npm and nx pass a terminal's Ctrl-C on once more: signals so close to the first one are the same press. */
const SAME_PRESS_MS = 1000;

/** Ctrl-C once: stop after a checkpoint. Twice: stop at once. */
function signals(announce: () => void): { stop: AbortSignal; kill: AbortSignal; release: () => void } {
  const stop = new AbortController();
  const kill = new AbortController();
  let pressed = -Infinity;
  const handler = () => {
    if (stop.signal.aborted) {
      if (performance.now() - pressed > SAME_PRESS_MS) kill.abort();
    } else {
      pressed = performance.now();
      announce();
      stop.abort();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handler);
  return {
    stop: stop.signal,
    kill: kill.signal,
    release: () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, handler);
    },
  };
}

/** The sweep that lies in a folder, for commands that only read it. */
export function requireSweepFolder(name: string, out?: string): string {
  const folder = sweepFolder(name, out);
  if (!existsSync(join(folder, 'spec.json'))) {
    throw new FailureError({
      who: folder,
      got: 'no sweep',
      wanted: 'the results of lacuna sweep',
      remedy: 'run the sweep first, or name its folder with --out',
    });
  }
  return folder;
}
