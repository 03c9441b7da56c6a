import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { executorSpec, type QueueSpec, type TrialMessage } from '@lacuna/sweep';
import { queueExecutor } from '../../src/queue/queue-executor.js';
import { readValidations } from '../../src/queue/verdict-files.js';
import { layout } from '../../src/sweep/results/results.js';
import { resultOf } from '../sweep/fixtures.js';

/** A sweep's folder, and a scheduler of shell lines that tells of its one job by a file. */
let folder: string;
let trial: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-queue-'));
  trial = layout.trial(folder, 'a');
  mkdirSync(trial, { recursive: true });
  tell('waits');
});

const tell = (text: string) => writeFileSync(join(folder, 'job-7'), text);
const job = { id: 'a', arguments: [], log: 'log.txt' };

function executor(more: object = {}) {
  const refused: string[] = [];
  const printed: string[] = [];
  const spec = executorSpec.parse({
    kind: 'command',
    submit: 'echo job-7; : {script}',
    jobVariable: 'JOB',
    status: `cat ${folder}/{job}`,
    queued: 'waits',
    running: 'runs',
    gone: 'No such file',
    cancel: 'true {job}',
    ...more,
  }) as QueueSpec;
  const made = queueExecutor({
    folder,
    executor: spec,
    onRefused: ({ message }) => refused.push(message),
    print: (line) => printed.push(line),
  });
  return { ...{ start: () => made.start(job) }, refused, printed };
}

const submissions = () => readdirSync(layout.queue(folder)).filter((name) => name.endsWith('.json'));

/** All that a trial tells, to its end; `onMessage` sees each as it comes. */
async function heard(running: ReturnType<ReturnType<typeof executor>['start']>, onMessage = (_: TrialMessage) => {}) {
  const messages: TrialMessage[] = [];
  for await (const message of running.messages) {
    messages.push(message);
    onMessage(message);
  }
  await running.ended;
  return messages;
}

describe('a trial of a search on a cluster', () => {
  it('is submitted once, left, found again, told of by its folder, and ended by its result', async () => {
    const first = executor().start();
    first.stop();
    expect((await heard(first)).at(-1)).toEqual({
      kind: 'done',
      status: 'stopped',
      reason: 'left with the scheduler',
    });
    expect(submissions()).toHaveLength(1);

    tell('runs');
    // The last line is not whole yet.
    writeFileSync(layout.validations(trial), '{"step":10,"values":{"psnr":20}}\n{"step":2');
    expect(readValidations(trial)).toEqual([{ step: 10, values: { psnr: 20 } }]);
    const running = executor().start();
    const messages = await heard(running, (message) => {
      if (message.kind !== 'validation') return;
      running.answer({ step: message.step, prune: 'median at step 10, psnr 20.00' });
      const pruned = { ...resultOf('a', 0, { common: [0.5] }), status: 'pruned', reason: 'median' };
      writeFileSync(layout.result(trial), JSON.stringify(pruned));
    });
    expect(messages.map(({ kind }) => kind)).toEqual(['validation', 'progress', 'done']);
    expect(messages.at(-1)).toEqual({ kind: 'done', status: 'pruned', reason: 'median' });
    expect(JSON.parse(readFileSync(layout.verdict(trial), 'utf8'))).toEqual({
      step: 10,
      prune: 'median at step 10, psnr 20.00',
    });
    expect(submissions()).toHaveLength(1);
  });

  it('that no scheduler takes stops the search with the reason', async () => {
    const { start, refused } = executor({ submit: "echo 'no room' >&2; exit 1; : {script}" });
    const messages = await heard(start());
    expect(messages).toMatchObject([{ kind: 'done', status: 'stopped' }]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain('executor.submit: got no room');
  });
});
