import { describe, expect, it } from 'vitest';
import { crc32 } from '../src/spool/crc32.js';
import { decodeRecord, encodeRecord } from '../src/spool/record.js';

describe('journal lines', () => {
  it('carry the CRC-32 of gzip', () => {
    // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });
  it('come back as written, and not at all where a byte is altered or missing', () => {
    const record = { t: 'tag', k: 'ü', v: 'line\nbreak' } as const;
    const line = encodeRecord(record).subarray(0, -1);
    expect(decodeRecord(line)).toEqual(record);
    for (let cut = 0; cut < line.length; cut++) expect(decodeRecord(line.subarray(0, cut))).toBeUndefined();
    for (let at = 9; at < line.length; at++) {
      const altered = Buffer.from(line);
      altered[at] ^= 1;
      expect(decodeRecord(altered)).toBeUndefined();
    }
  });
});
