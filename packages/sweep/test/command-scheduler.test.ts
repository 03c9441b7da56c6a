import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { executorSpec, schedulerOf, type QueueSpec } from '../src/index.js';

/** A scheduler of shell lines: it takes jobs as long as there is room, and tells of them by files. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-command-'));
});

const settings = (more: object = {}) => ({
  kind: 'command',
  submit: `test ! -e ${folder}/full || { echo 'no room' >&2; exit 1; }; echo job-7; : {script}`,
  jobVariable: 'JOB',
  status: `cat ${folder}/{job}`,
  queued: 'waits',
  running: 'runs',
  gone: 'No such file',
  cancel: `test ! -e ${folder}/stuck || { echo 'not allowed' >&2; exit 1; }; : {job}`,
  ...more,
});
const scheduler = (more: object = {}) => schedulerOf(executorSpec.parse(settings(more)) as QueueSpec);
const batch = () => ({ token: 't', script: join(folder, 't.sh'), tasks: 1, folder });
const tell = (text: string) => writeFileSync(join(folder, 'job-7'), text);

describe('a scheduler by templates', () => {
  it('takes one job at a time, so that each is known once it is taken', () => {
    expect(scheduler().mostTasks()).toBe(1);
    expect(scheduler().submit(batch())).toEqual(['job-7']);
    expect(readFileSync(join(folder, 't-0.sh'), 'utf8')).toContain('export LACUNA_QUEUE_TASK=0');
    writeFileSync(join(folder, 'full'), '');
    expect(() => scheduler().submit(batch())).toThrow('executor.submit: got no room');
  });

  it('tells where a job stands; one that is not told of is gone, and a silent scheduler says nothing', () => {
    const standing = () =>
      scheduler()
        .ask([{ token: 't', tasks: 1, jobs: ['job-7'] }])
        .get('t')!
        .get(0)!.standing.kind;
    tell('it waits');
    expect(standing()).toBe('queued');
    tell('it runs');
    expect([standing(), scheduler().isRunning('job-7')]).toEqual(['running', true]);
    expect(scheduler().isRunning('job-8')).toBe(false);
    const silent = { status: `echo 'no connection' >&2; false # {job}` };
    expect(scheduler(silent).isRunning('job-7')).toBe(true);
    expect(() => scheduler(silent).ask([{ token: 't', tasks: 1, jobs: ['job-7'] }])).toThrow('got no connection');
  });

  it('says where a job could not be ended', () => {
    scheduler().cancel(['job-7']);
    writeFileSync(join(folder, 'stuck'), '');
    expect(() => scheduler().cancel(['job-7'])).toThrow('executor.cancel of job-7: got not allowed');
  });

  it('refuses templates that do not name what they are about', () => {
    const problem = (more: object) => executorSpec.safeParse(settings(more)).error?.issues[0]?.message;
    expect(problem({ submit: 'qsub' })).toBe('wanted {script} in it');
    expect(problem({ status: 'qstat' })).toBe('wanted {job} in it');
    expect(problem({ cancel: 'qdel' })).toBe('wanted {job} in it');
    expect(problem({ jobId: '^\\d+' })).toContain('a group');
  });
});
