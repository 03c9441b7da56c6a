import { describe, expect, it } from 'vitest';
import { executorSpec, type QueueSpec } from '@lacuna/sweep';
import { checkExecutor } from '../../src/queue/check-executor.js';
import type { LacunaTrial } from '../../src/sweep/plan/plan.js';
import { trialSpec } from '../../src/sweep/spec/spec.js';

const trial = (training: object): LacunaTrial => {
  const config = trialSpec().parse({
    data: { source: 'dentin', width: 64, height: 64 },
    degradation: { kind: 'confocal', factor: 4 },
    split: { kind: 'specimen' },
    model: { name: 'edsr' },
    regime: { kind: 'paired' },
    training,
    evaluation: {},
  });
  return { id: 'a', name: 'edsr', group: 'edsr', method: 'edsr', axes: {}, seed: 0, config };
};

/** A scheduler of shell lines, asked for the time of its jobs alone. */
const executor = (time: string) =>
  executorSpec.parse({
    kind: 'command',
    submit: 'true {script}',
    jobVariable: 'JOB',
    status: 'true {job}',
    queued: 'waits',
    running: 'runs',
    cancel: 'true {job}',
    time,
  }) as QueueSpec;

describe('a time limit', () => {
  it('in which the slowest trial would not reach its first checkpoint is refused before anything is submitted', () => {
    const rare = trial({ steps: 100_000, checkpointEvery: 100_000 });
    expect(() => checkExecutor(executor('0:10:00'), [trial({ steps: 10 }), rare])).toThrow(
      /^executor\.time: got 0:10:00, of which 120 s .* wanted more than .*: edsr takes about .* to its first/,
    );
    const often = trial({ steps: 100_000, checkpointEvery: 1 });
    expect(() => checkExecutor(executor('0:10:00'), [often])).not.toThrow();
  });
});
