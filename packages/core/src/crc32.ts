import * as zlib from 'node:zlib';

/** Node has it from 20.15 and 22.2 on. */
const native = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32;

/** CRC-32 of bytes (reflected polynomial 0xEDB88320, as in PNG, gzip and ZIP), from 0 to 2³² - 1. */
export const crc32: (bytes: Uint8Array) => number = native ?? crc32ByTable;

let table: Uint32Array | undefined;

/** {@link crc32} for a Node without one of its own. */
export function crc32ByTable(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
