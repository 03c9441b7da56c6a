import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal, lockSweep, readJournal } from '../src/index.js';

const folderOf = () => mkdtempSync(join(tmpdir(), 'lacuna-journal-'));

describe('the journal', () => {
  it('reads back what was written, and knows the last entry of a trial', () => {
    const folder = folderOf();
    const journal = new Journal(folder);
    journal.append({ trial: 'a', state: 'running', pid: 1 });
    journal.append({ trial: 'b', state: 'running', pid: 2 });
    journal.append({ trial: 'a', state: 'failed', reason: 'ünü\nlines' });
    expect(readJournal(folder).map(({ trial, state }) => `${trial} ${state}`)).toEqual([
      'a running',
      'b running',
      'a failed',
    ]);
    expect(new Journal(folder).last('a')).toMatchObject({ state: 'failed', reason: 'ünü\nlines' });
    expect(new Journal(folder).last('c')).toBeUndefined();
  });

  it.each([
    ['half a line', '12345678 {"time":1,"tri'],
    ['a wrong checksum', '00000000 {"time":1,"trial":"x","state":"finished"}\n'],
    ['bytes of a hole', '\0\0\0\0\0'],
  ])('leaves out and cuts off %s', (_, damage) => {
    const folder = folderOf();
    const path = join(folder, 'journal.jsonl');
    new Journal(folder).append({ trial: 'ä', state: 'finished' });
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, damage);
    expect(readJournal(folder)).toHaveLength(1);
    const reopened = new Journal(folder);
    expect(readFileSync(path, 'utf8')).toBe(whole);
    reopened.append({ trial: 'b', state: 'running' });
    expect(readJournal(folder).map(({ trial }) => trial)).toEqual(['ä', 'b']);
  });

  it('cuts off a whole line that lost its end', () => {
    const folder = folderOf();
    const path = join(folder, 'journal.jsonl');
    const journal = new Journal(folder);
    journal.append({ trial: 'a', state: 'running' });
    journal.append({ trial: 'a', state: 'finished' });
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -1));
    new Journal(folder).append({ trial: 'b', state: 'running' });
    expect(readJournal(folder).at(-1)).toMatchObject({ trial: 'b', state: 'running' });
  });
});

describe('the lock of a sweep', () => {
  it('is refused while its process lives, and given back', () => {
    const folder = folderOf();
    const unlock = lockSweep(folder);
    expect(() => lockSweep(folder)).toThrow(`a sweep that process ${process.pid} is running`);
    unlock();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    lockSweep(folder)();
  });

  it('is taken over from a process that is gone', async () => {
    const folder = folderOf();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: child.pid, host: hostname(), started: null }));
    const unlock = lockSweep(folder);
    expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    unlock();
  });

  it('is taken over when it is empty: its process died while it wrote', () => {
    const folder = folderOf();
    writeFileSync(join(folder, 'lock'), '');
    lockSweep(folder)();
  });
});
