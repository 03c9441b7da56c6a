import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import {
  FailureError,
  diskFailure,
  freeBytes,
  makeFolder,
  temporaryPath,
  withAtomicFile,
  writeFileAtomic,
  writeStreamAtomic,
  writerOf,
} from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-atomic-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dist = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const fixture = fileURLToPath(new URL('fixtures/interrupted-write.mjs', import.meta.url));

describe('writeFileAtomic', () => {
  it('writes text, bytes and bytes in parts, making the folders above', () => {
    const path = join(folder, 'a/b/c.txt');
    writeFileAtomic(path, 'πόρος');
    expect(readFileSync(path, 'utf8')).toBe('πόρος');
    writeFileAtomic(path, new Uint8Array([1, 2]));
    expect([...readFileSync(path)]).toEqual([1, 2]);
    writeFileAtomic(path, [new Uint8Array([3]), new Uint8Array([]), new Uint8Array([4, 5])]);
    expect([...readFileSync(path)]).toEqual([3, 4, 5]);
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.txt']);
  });

  it('leaves what was there, and nothing beside it, where the name is a folder', () => {
    const place = join(folder, 'taken');
    mkdirSync(join(place, 'name'), { recursive: true });
    expect(() => writeFileAtomic(join(place, 'name'), 'text')).toThrow(
      new FailureError({
        who: join(place, 'name'),
        got: 'a folder of that name (EISDIR)',
        wanted: 'a file written whole',
        remedy: 'check that the folder exists and may be written',
      }),
    );
    expect(readdirSync(place)).toEqual(['name']);
  });

  it('says which path leads through a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() =>
      writeFileAtomic(join(folder, 'file/below/x.json'), '{}', { wanted: 'results', remedy: 'choose another --out' }),
    ).toThrow(
      `${join(folder, 'file/below/x.json')}: got a path that leads through a file (ENOTDIR), wanted results; ` +
        'choose another --out',
    );
  });

  it('keeps the old file and removes its own where the system refuses to write on', () => {
    const path = join(folder, 'limited/big.bin');
    writeFileAtomic(path, 'old');
    // A limit of 4 blocks on the size of a file refuses in the middle of the write, as a full disk does.
    const script = `import { writeFileAtomic } from ${JSON.stringify(dist)};
      try {
        writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(100_000));
      } catch (error) {
        console.log(error.message);
      }`;
    const { stdout } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 4; exec "$0" --input-type=module -e "$1"', process.execPath, script],
      { encoding: 'utf8' },
    );
    expect(stdout.trim()).toBe(
      `${path}: got a file larger than this process may write (EFBIG), wanted a file written whole; raise ` +
        'the limit (ulimit -f) and run the same command again',
    );
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(join(folder, 'limited'))).toEqual(['big.bin']);
  });
});

describe('writeStreamAtomic', () => {
  it('writes what comes piece by piece', async () => {
    const path = join(folder, 'stream/x.csv');
    await writeStreamAtomic(path, ['a,b\n', Buffer.from('1,2\n')]);
    expect(readFileSync(path, 'utf8')).toBe('a,b\n1,2\n');
  });

  it('throws the error of its source as it is and leaves nothing', async () => {
    async function* broken(): AsyncGenerator<string> {
      yield 'half';
      await Promise.reject(new Error('connection lost'));
    }
    await expect(writeStreamAtomic(join(folder, 'broken/x'), broken())).rejects.toThrow(new Error('connection lost'));
    expect(readdirSync(join(folder, 'broken'))).toEqual([]);
  });

  it.each([
    ['plain', 'SIGINT', null, 'SIGINT'],
    ['plain', 'SIGTERM', null, 'SIGTERM'],
    ['own-handler', 'SIGINT', 7, null],
  ] as const)(
    'with %s handling, %s in the middle leaves nothing (status %s, signal %s)',
    async (handler, signal, code, by) => {
      const place = join(folder, `${handler}-${signal}`);
      const child = spawn(process.execPath, [fixture, join(place, 'x.bin'), handler], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      expect(readdirSync(place)).toHaveLength(1);
      const ended = new Promise((resolve) => child.once('exit', (...status) => resolve(status)));
      child.kill(signal);
      expect(await ended).toEqual([code, by]);
      expect(readdirSync(place)).toEqual([]);
    },
  );

  it('listens to signals only while it writes', async () => {
    const before = process.listenerCount('SIGINT');
    await writeStreamAtomic(join(folder, 'listeners'), ['x']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('withAtomicFile', () => {
  it('moves into place what the writer left, or nothing', async () => {
    const path = join(folder, 'with/x.bin');
    await withAtomicFile(path, (temporary) => writeFileSync(temporary, 'whole'));
    expect(readFileSync(path, 'utf8')).toBe('whole');
    await expect(
      withAtomicFile(path, (temporary) => {
        writeFileSync(temporary, 'ha');
        throw new Error('stopped');
      }),
    ).rejects.toThrow('stopped');
    expect(readFileSync(path, 'utf8')).toBe('whole');
    expect(readdirSync(join(folder, 'with'))).toEqual(['x.bin']);
  });
});

describe('makeFolder', () => {
  it('makes what is missing and accepts what is there', () => {
    makeFolder(join(folder, 'm/n/o'));
    makeFolder(join(folder, 'm/n/o'));
    expect(existsSync(join(folder, 'm/n/o'))).toBe(true);
  });

  it.runIf(process.platform === 'linux')("refuses below /proc, where Node's own recursive mkdir never returns", () => {
    expect(() => makeFolder('/proc/lacuna/x')).toThrow(
      '/proc/lacuna/x: got ENOENT, wanted a folder to write into; choose a folder that may be written',
    );
  });
});

describe('diskFailure', () => {
  it('says how much is free on a full disk', () => {
    const { message, exitCode } = diskFailure(
      join(folder, 'not/there'),
      Object.assign(new Error('x'), { code: 'ENOSPC' }),
      'a file written whole',
      'other',
    );
    expect(message).toMatch(/: got disk full: [\d.]+ (bytes|[kMGT]B) free, wanted a file written whole; /);
    expect(message).toMatch(/; free some space and run the same command again$/);
    expect(exitCode).toBe(1);
    expect(freeBytes(join(folder, 'not/there'))).toBeGreaterThan(0);
  });

  it('passes an error of ours', () => {
    const ours = new FailureError({ who: 'a', got: 'b', wanted: 'c' });
    expect(diskFailure('x', ours, 'y', 'z')).toBe(ours);
  });
});

describe('what others plant beside a file', () => {
  it('links under the names that were guessed are not followed', async () => {
    const victim = join(folder, 'victim');
    const path = join(folder, 'out.tif');
    writeFileSync(victim, 'precious');
    const guesses = [
      `${path}.${process.pid}.part`,
      ...Array.from({ length: 50 }, (_, n) => `${path}.${process.pid}-0-${n}.part`),
    ];
    for (const name of guesses) symlinkSync(victim, name);
    writeFileAtomic(path, 'one');
    await writeStreamAtomic(path, ['two']);
    await withAtomicFile(path, (temporary) => writeFileSync(temporary, 'three'));
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readFileSync(path, 'utf8')).toBe('three');
  });

  it('no two names are the same, and each says whose it is', () => {
    const names = Array.from({ length: 100 }, () => temporaryPath('a/b.tif'));
    expect(new Set(names).size).toBe(100);
    for (const name of names) expect(writerOf(name)).toBe(process.pid);
    expect(writerOf('b.tif.123.part')).toBe(123);
    expect(writerOf('b.tif')).toBeNull();
    expect(writerOf('b.tif.partial')).toBeNull();
  });
});
