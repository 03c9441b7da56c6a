import { sizeOf } from '@lacuna/models';
import { ShapeError } from '@lacuna/core';

/**
 * float32 numbers as a NumPy file, format 1.0: magic, version, length of the header, the header as a Python
 * dictionary, the data in C order. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  if (values.length !== sizeOf(shape))
    throw new ShapeError({
      who: 'npy',
      got: `${values.length} values`,
      wanted: `${sizeOf(shape)} for ${shape.join(' x ')}`,
    });
  const lengths = shape.map((length) => `${length},`).join(' ');
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${lengths}), }`;
  // The data begin at a multiple of 64 bytes: the header is filled with spaces and ends in a line break.
  const before = 10;
  const length = Math.ceil((before + dictionary.length + 1) / 64) * 64 - before;
  const head = Buffer.alloc(before);
  head.write('\u0093NUMPY', 0, 'latin1');
  head[6] = 1;
  head.writeUInt16LE(length, 8);
  return Buffer.concat([
    head,
    Buffer.from(dictionary.padEnd(length - 1) + '\n', 'latin1'),
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  ]);
}
