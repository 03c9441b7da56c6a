import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32, crc32ByTable } from '../src/crc32.js';

it.each([crc32, crc32ByTable])('gives the published check value', (sum) => {
  expect(sum(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(sum(new Uint8Array(0))).toBe(0);
});

it('gives the same with and without a CRC-32 of Node', () =>
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc32(bytes) === crc32ByTable(bytes))));
