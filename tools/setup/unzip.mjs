// Takes chosen files out of a wheel (a ZIP archive without ZIP64), streaming, with their CRC checked.
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;

/** Lists the archive: name, method (0 stored, 8 deflate), sizes, CRC-32, Unix mode, offset of the local header. */
export async function listZip(path) {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, 65_557));
    await file.read(tail, 0, tail.length, size - tail.length);
    let end = tail.length - 22;
    while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end--;
    if (end < 0) throw new Error(`${path}: got a file without a ZIP directory, wanted a wheel`);
    const count = tail.readUInt16LE(end + 10);
    const length = tail.readUInt32LE(end + 12);
    const start = tail.readUInt32LE(end + 16);
    if (start === 0xffffffff) throw new Error(`${path}: got a ZIP64 archive, wanted one below 4 GB`);
    const directory = Buffer.alloc(length);
    await file.read(directory, 0, length, start);
    const entries = [];
    for (let at = 0, n = 0; n < count; n++) {
      if (directory.readUInt32LE(at) !== entrySignature) throw new Error(`${path}: got a damaged ZIP directory`);
      const nameLength = directory.readUInt16LE(at + 28);
      entries.push({
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
        packed: directory.readUInt32LE(at + 20),
        bytes: directory.readUInt32LE(at + 24),
        mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
        header: directory.readUInt32LE(at + 42),
        name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      });
      at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    return entries;
  } finally {
    await file.close();
  }
}

/** Extracts every file that `wanted(name)` accepts below `folder`; returns the number of bytes written. */
export async function unzip(path, folder, wanted) {
  const root = resolve(folder);
  let written = 0;
  for (const entry of await listZip(path)) {
    if (entry.name.endsWith('/') || !wanted(entry.name)) continue;
    const target = resolve(root, entry.name);
    if (!target.startsWith(root + sep)) throw new Error(`${path}: got an entry outside of its folder, ${entry.name}`);
    mkdirSync(dirname(target), { recursive: true });
    await extract(path, entry, target);
    written += entry.bytes;
  }
  return written;
}

async function extract(path, entry, target) {
  const file = await open(path);
  const local = Buffer.alloc(30);
  await file.read(local, 0, 30, entry.header);
  await file.close();
  const start = entry.header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  const mode = entry.mode & 0o111 ? 0o755 : 0o644;
  const sink = createWriteStream(target, { mode });
  if (entry.bytes === 0) {
    sink.end();
    return;
  }
  const source = createReadStream(path, { start, end: start + entry.packed - 1, highWaterMark: 1 << 20 });
  const check = crcCheck(entry);
  if (entry.method === 0) await pipeline(source, check, sink);
  else await pipeline(source, createInflateRaw({ chunkSize: 1 << 18 }), check, sink);
}

function crcCheck(entry) {
  let crc = 0xffffffff;
  let bytes = 0;
  return new Transform({
    transform(chunk, _encoding, done) {
      for (let i = 0; i < chunk.length; i++) crc = crcTable[(crc ^ chunk[i]) & 255] ^ (crc >>> 8);
      bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      const sound = bytes === entry.bytes && (crc ^ 0xffffffff) >>> 0 === entry.crc;
      done(sound ? null : new Error(`${entry.name}: got ${bytes} bytes with a wrong checksum, wanted ${entry.bytes}`));
    },
  });
}

const crcTable = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
