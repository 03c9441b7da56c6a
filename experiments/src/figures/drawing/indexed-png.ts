import { crc32 } from '@lacuna/core';

/**
 * A PNG of palette indices whose bytes depend on its pixels alone.
 *
 * Format: PNG (ISO/IEC 15948), colour type 3, 8 bits, no filter, deflate blocks of the kind "stored" (RFC 1951,
 * 3.2.4). Nothing is compressed: compressors change their output from one version to the next, and crops of a figure
 * are small.
 * @param indices [height·width] row-major, each an entry of the palette.
 * @param palette up to 256 RGB triples.
 */
export function encodeIndexedPng(indices: Uint8Array, width: number, height: number, palette: Uint8Array): Buffer {
  if (indices.length !== width * height)
    throw new RangeError(`encodeIndexedPng: got ${indices.length} indices, wanted ${width} x ${height}`);
  const raw = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) raw.set(indices.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette)),
    chunk('IDAT', storedZlib(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, body: Buffer): Buffer {
  const out = Buffer.alloc(body.length + 12);
  out.writeUInt32BE(body.length, 0);
  out.write(type, 4, 'latin1');
  body.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}

/** A zlib stream (RFC 1950) of stored blocks. */
function storedZlib(raw: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x78, 0x01])];
  for (let from = 0; from < raw.length; from += 0xffff) {
    const block = raw.subarray(from, from + 0xffff);
    const head = Buffer.alloc(5);
    head[0] = from + 0xffff >= raw.length ? 1 : 0;
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ 0xffff, 3);
    parts.push(head, block);
  }
  const check = Buffer.alloc(4);
  check.writeUInt32BE(adler32(raw));
  return Buffer.concat([...parts, check]);
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < bytes.length; i++) {
    a = (a + bytes[i]) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
