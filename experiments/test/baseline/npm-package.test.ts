import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveName, fetchPackage, filesIn, findPackage } from '../../src/baseline/npm-package.js';
import { loadPretrained } from '../../src/baseline/pretrained.js';
import { newFolder } from '../upscale/fixtures.js';

/** A ustar archive by hand: 512 bytes of name, size and kind before each file, two empty blocks at the end. */
function archive(files: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    header.write(name, 0, 'latin1');
    header.write(text.length.toString(8).padStart(11, '0'), 124, 'latin1');
    header.write('ustar', 257, 'latin1');
    body.write(text, 'latin1');
    return [header, body];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

let folder: string;
const environment = { ...process.env };
beforeEach(() => {
  folder = newFolder();
});
afterEach(() => {
  process.env = { ...environment };
});

const bytes = archive({
  'package/models/x4/model.json': '{}',
  'package/models/x4/weights.bin': 'w'.repeat(700),
  'package/README.md': 'words',
});
const pinned = {
  name: '@lacuna-test/nothing-of-this-name',
  version: '1.2.3',
  sha512: createHash('sha512').update(bytes).digest('base64'),
};
const put = (place: string, content: Buffer) => {
  mkdirSync(join(folder, place, 'pretrained'), { recursive: true });
  writeFileSync(join(folder, place, 'pretrained', archiveName(pinned)), content);
};

describe('a pinned package', () => {
  it('is taken from the mirror or the cache where its SHA-512 is right, and read without being unpacked', async () => {
    put('mirror', Buffer.from('something else'));
    put('cache', bytes);
    const places = { mirror: join(folder, 'mirror'), cache: join(folder, 'cache') };
    expect(archiveName(pinned)).toBe('lacuna-test-nothing-of-this-name-1.2.3.tgz');
    expect((await fetchPackage(pinned, places)).equals(bytes)).toBe(true);
    const files = filesIn(bytes, 'models/x4');
    expect([...files.keys()]).toEqual(['model.json', 'weights.bin']);
    expect(Buffer.from(files.get('weights.bin')!).toString()).toBe('w'.repeat(700));
    put('cache', Buffer.concat([bytes, Buffer.from([0])]));
    expect(findPackage(pinned, places)).toBeNull();
  });

  it('that cannot be fetched is one error that says what to do, and leaves nothing behind', async () => {
    Object.assign(process.env, {
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
      npm_config_offline: 'true',
    });
    const fetched = fetchPackage(pinned, { cache: join(folder, 'cache') });
    await expect(fetched).rejects.toThrow(
      /@lacuna-test\/nothing-of-this-name@1\.2\.3: got .*, wanted its archive, by npm pack; check the connection /,
    );
    await expect(fetched).rejects.toThrow(
      'or put lacuna-test-nothing-of-this-name-1.2.3.tgz into the folder pretrained/ of what LACUNA_DATA names',
    );
    expect(readdirSync(join(folder, 'cache', 'pretrained'))).toEqual([]);
  });

  it('of pretrained models holds x2, x3, x4 and x8', async () => {
    await expect(loadPretrained('esrgan-slim', 5, { cache: folder })).rejects.toThrow(
      'esrgan-slim: got factor 5, wanted one of 2, 3, 4, 8',
    );
  });
});
