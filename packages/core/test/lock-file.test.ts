import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FailureError, isAlive, tryLockFile, withLockFile } from '../src/index.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is held once, told who by, and free again afterwards', () => {
  const first = tryLockFile(path);
  if (!first.got) throw new Error('the first attempt was refused');
  expect(tryLockFile(path)).toMatchObject({ got: false, holder: { pid: process.pid, host: hostname() } });
  first.release();
  expect(readdirSync(folder)).toEqual([]);
});

async function deadProcess(): Promise<string> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(isAlive(child.pid!)).toBe(false);
  return JSON.stringify({ pid: child.pid, host: hostname(), started: null });
}

it.each<[string, () => string | Promise<string>]>([
  ['a process that has died', deadProcess],
  ['nothing: an empty file', () => ''],
  ['something else', () => '12'],
])('is taken over from %s', async (_, text) => {
  writeFileSync(path, await text());
  expect(tryLockFile(path).got).toBe(true);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
});

it('is not taken from a process of another machine', async () => {
  writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', started: null }));
  await expect(withLockFile(path, { timeoutMs: 0 }, () => Promise.resolve())).rejects.toThrow(
    new FailureError({
      who: path,
      got: 'a lock that process 1 of another machine, elsewhere, has held for 0 s',
      wanted: 'it to be released',
      remedy: 'if elsewhere no longer runs it (it was given up, or is a container that is gone), delete the file',
    }),
  );
});

it('is no longer waited for once the user wants the process to stop', async () => {
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname(), started: null }));
  const stop = new AbortController();
  const waiting = withLockFile(path, { timeoutMs: 600_000, signal: stop.signal }, () => Promise.resolve());
  setTimeout(() => stop.abort(), 20);
  await expect(waiting).rejects.toThrow(`got a lock that process ${process.pid} holds, wanted it to be released`);
});

it('is written under a name that nobody can have planted as a link', () => {
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  for (let n = 0; n < 20; n++) symlinkSync(victim, `${path}.${process.pid}-0-${n}`);
  expect(tryLockFile(path).got).toBe(true);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  for (let n = 0; n < 20; n++) rmSync(`${path}.${process.pid}-0-${n}`);
});

it('lets one at a time in, whatever the work does', async () => {
  let inside = 0;
  const results = await Promise.allSettled(
    [1, 2, 3].map((n) =>
      withLockFile(path, { timeoutMs: 60_000 }, async () => {
        expect(++inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        inside--;
        if (n === 2) throw new Error('the second fails');
        return n;
      }),
    ),
  );
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(readdirSync(folder)).toEqual([]);
});

it('is given back by a process that ends with it', async () => {
  const core = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { tryLockFile } from ${JSON.stringify(core)}; ` +
        `process.stdout.write(String(tryLockFile(${JSON.stringify(path)}).got)); process.exit(3);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said = once(child.stdout, 'data');
  expect(await once(child, 'exit')).toEqual([3, null]);
  expect(String((await said)[0])).toBe('true');
  expect(readdirSync(folder)).toEqual([]);
});
