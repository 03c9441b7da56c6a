import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tryLockFile } from '../src/index.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-lock-'));
  path = join(folder, 'claim');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const holder = (text: object) => writeFileSync(path, JSON.stringify({ pid: 1, started: null, ...text }));
const asking = (running: readonly string[]) => ({ job: '7_1', isRunning: (job: string) => running.includes(job) });

it('of a job on another machine is held as long as the scheduler says that the job runs', () => {
  holder({ host: 'node3', job: '5_2' });
  expect(tryLockFile(path, asking(['5_2']))).toMatchObject({ got: false, holder: { job: '5_2', host: 'node3' } });
  expect(tryLockFile(path, asking([])).got).toBe(true);
});

it('of an earlier start of the same job is taken over, and whoever held it knows', () => {
  const before = tryLockFile(path, asking([]));
  if (!before.got) throw new Error('the first attempt was refused');
  expect(before.isHeld()).toBe(true);
  holder({ host: 'node3', job: '7_1' });
  expect(before.isHeld()).toBe(false);
  expect(tryLockFile(path, asking(['7_1'])).got).toBe(true);
});

it('without a job, on another machine, is held; on this one its process decides', () => {
  holder({ host: 'node3' });
  expect(tryLockFile(path, asking([])).got).toBe(false);
  holder({ pid: process.pid, host: hostname(), job: '5_2' });
  expect(tryLockFile(path, asking([])).got).toBe(false);
});
