import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { FileLock, isHeld } from '../src/spool/lock.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spool-lock-'));
afterEach(() => {
  vi.useRealTimers();
});

/** A lock of another machine that was touched so many minutes ago, by the clock of the file system. */
function foreign(name: string, minutes: number): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, JSON.stringify({ id: 'other', host: 'node3', pid: 1, started: '' }));
  const time = new Date(Date.now() - minutes * 60_000);
  fs.utimesSync(file, time, time);
  return file;
}

it('of another machine is judged by the clock of the file system, whatever this one has', () => {
  const [touched, left] = [foreign('touched', 1), foreign('left', 20)];
  for (const skew of [-3, 0, 3]) {
    vi.useFakeTimers({ now: Date.now() + skew * 3_600_000, toFake: ['Date'] });
    expect(isHeld(touched), `${skew} h`).toBe(true);
    expect(isHeld(left), `${skew} h`).toBe(false);
    vi.useRealTimers();
  }
  expect(fs.readdirSync(folder).sort()).toEqual(['left', 'touched']);
});

it('is touched while it is held, and stays readable', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const file = path.join(folder, 'own');
  const lock = FileLock.acquire(file)!;
  const old = new Date(Date.now() - 3_600_000);
  fs.utimesSync(file, old, old);
  const before = fs.readFileSync(file, 'utf8');
  vi.advanceTimersByTime(61_000);
  return vi
    .waitFor(() => expect(Date.now() - fs.statSync(file).mtimeMs).toBeLessThan(60_000))
    .then(() => {
      expect(fs.readFileSync(file, 'utf8')).toBe(before);
      lock.release();
      expect(fs.existsSync(file)).toBe(false);
    });
});

it('leaves no file where the disk is full, so that it is free once there is room again', () => {
  const file = path.join(folder, 'full');
  const full = vi.spyOn(fs, 'writeFileSync').mockImplementationOnce(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  expect(() => FileLock.acquire(file)).toThrow('no space left');
  full.mockRestore();
  expect(fs.existsSync(file)).toBe(false);
  const lock = FileLock.acquire(file);
  expect(lock).toBeDefined();
  lock!.release();
});
