import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal, lockSweep, readJournal } from '../src/index.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  file = join(folder, 'journal.jsonl');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('Journal', () => {
  it('gives back what was written, and the last entry of a trial', () => {
    const journal = new Journal(folder);
    journal.append({ trial: 'a', state: 'running', pid: 7 });
    journal.append({ trial: 'b', state: 'running' });
    journal.append({ trial: 'a', state: 'failed', reason: 'Müll\nin zwei Zeilen' });
    expect(readJournal(folder).map(({ trial, state, reason, pid }) => ({ trial, state, reason, pid }))).toEqual([
      { trial: 'a', state: 'running', pid: 7 },
      { trial: 'b', state: 'running' },
      { trial: 'a', state: 'failed', reason: 'Müll\nin zwei Zeilen' },
    ]);
    expect(new Journal(folder).last('a')?.state).toBe('failed');
    expect(journal.last('c')).toBeUndefined();
    expect(readJournal(join(folder, 'none'))).toEqual([]);
  });

  it('cut at any byte, it keeps the whole lines and goes on from there', () => {
    const journal = new Journal(folder);
    for (const reason of ['eins', 'zwölf', 'drei']) journal.append({ trial: 'a', state: 'failed', reason });
    const bytes = readFileSync(file);
    fc.assert(
      fc.property(fc.nat(bytes.length), (cut) => {
        writeFileSync(file, bytes.subarray(0, cut));
        const whole = bytes.subarray(0, cut).toString('utf8').split('\n').length - 1;
        new Journal(folder).append({ trial: 'b', state: 'finished' });
        expect(readJournal(folder).map(({ trial }) => trial)).toEqual([
          ...Array.from({ length: whole }, () => 'a'),
          'b',
        ]);
      }),
      { examples: [[0], [bytes.length - 1], [bytes.length]], numRuns: 40 },
    );
  });

  it('a line that was damaged later is left out, the others stay', () => {
    const journal = new Journal(folder);
    for (const trial of ['a', 'b', 'c']) journal.append({ trial, state: 'finished' });
    writeFileSync(file, readFileSync(file, 'utf8').replace('"b"', '"x"'));
    appendFileSync(file, 'torn');
    expect(new Journal(folder).last('c')?.state).toBe('finished');
    expect(readJournal(folder).map(({ trial }) => trial)).toEqual(['a', 'c']);
  });
});

describe('lockSweep', () => {
  const path = () => join(folder, 'lock');

  it('refuses a second sweep and lets one in afterwards', () => {
    const unlock = lockSweep(folder);
    expect(() => lockSweep(folder)).toThrow(
      `${folder}: got a sweep that process ${process.pid} is running, wanted one process a sweep; wait for ` +
        'it, stop it, or choose another --out',
    );
    unlock();
    lockSweep(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over from a process that was killed', async () => {
    const other = spawn(process.execPath, ['-e', '']);
    await once(other, 'exit');
    writeFileSync(path(), JSON.stringify({ pid: other.pid, host: hostname(), started: null }));
    lockSweep(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('takes over when the number belongs to a later process', () => {
    writeFileSync(path(), JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }));
    lockSweep(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over a lock that is no lock', () => {
    writeFileSync(path(), '');
    lockSweep(folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not judge a process of another machine', () => {
    writeFileSync(path(), JSON.stringify({ pid: 1, host: 'elsewhere', started: null }));
    expect(() => lockSweep(folder)).toThrow(
      'got a sweep that process 1 of elsewhere is running, wanted one process a sweep; if that machine no ' +
        `longer runs it, delete ${path()}`,
    );
  });

  it('leaves a lock alone that another process has taken over', () => {
    const unlock = lockSweep(folder);
    writeFileSync(path(), 'of another');
    unlock();
    expect(readFileSync(path(), 'utf8')).toBe('of another');
  });
});
