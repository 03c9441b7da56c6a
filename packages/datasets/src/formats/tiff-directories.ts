import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { InputError } from '@lacuna/core';

/**
 * Number of pages of a TIFF: follows its chain of directories without reading them. A chain that leaves the file or comes back to where it was
 * would keep a reader busy for ever.
 * @throws {InputError} for such chains.
 */
export function countPages(path: string): number {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const damaged = (what: string) => new InputError({ who: path, got: `a damaged or truncated TIFF (${what})`, wanted: 'a whole image', remedy: 'export or copy it again' });
    const bytesAt = (position: number, length: number): DataView => {
      const view = new DataView(new ArrayBuffer(length));
      if (!(position + length <= size)) throw damaged(`directory at byte ${position} of ${size}`);
      readSync(file, new Uint8Array(view.buffer), 0, length, position);
      return view;
    };
    const head = bytesAt(0, 8), little = head.getUint8(0) === 0x49, big = head.getUint16(2, little) === 43;
    const offsetAt = (position: number) => (big ? Number(bytesAt(position, 8).getBigUint64(0, little)) : bytesAt(position, 4).getUint32(0, little));
    const seen = new Set<number>();
    let at = offsetAt(big ? 8 : 4);
    while (at !== 0) {
      if (seen.has(at)) throw damaged(`directory ${seen.size} leads back to an earlier one`);
      seen.add(at);
      const entries = big ? Number(bytesAt(at, 8).getBigUint64(0, little)) : bytesAt(at, 2).getUint16(0, little);
      at = offsetAt(at + (big ? 8 + 20 * entries : 2 + 12 * entries));
    }
    if (seen.size === 0) throw damaged('no directory');
    return seen.size;
  } finally {
    closeSync(file);
  }
}
