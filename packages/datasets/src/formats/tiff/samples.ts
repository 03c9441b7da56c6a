import { HOST_LITTLE, swapBytes } from '../byte-order.js';
import { numbersOf } from '../exact-values.js';
import { FLOAT, SIGNED, type TiffPage } from './page.js';

/** Samples of a chunk, one after the other, in this machine's byte order. */
export type Samples =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

const reversed = Uint8Array.from({ length: 256 }, (_, byte) => {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) {
    if (byte & (1 << bit)) out |= 128 >> bit;
  }
  return out;
});

/** How samples are stored. */
export interface StoredSamples extends Pick<TiffPage, 'bits' | 'format' | 'predictor' | 'reversedBits'> {
  readonly little: boolean;
}

/**
 * Makes samples of a chunk's bytes: undoes the order of bits and bytes and the predictor.
 * @param bytes rows of whole bytes; changed in place.
 * @param who the file, for messages.
 * @param across pixels of a row; `samples` values each.
 * @throws {InputError} for 64-bit integers that no number holds.
 */
export function samplesOf(
  who: string,
  bytes: Uint8Array,
  { little, bits, format, predictor, reversedBits }: StoredSamples,
  across: number,
  samples: number,
): Samples {
  if (reversedBits) for (let i = 0; i < bytes.length; i++) bytes[i] = reversed[bytes[i]];
  const perRow = across * samples;
  if (predictor === 3) return floatsOf(undoFloatPredictor(bytes, perRow, samples, bits / 8), bits);
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64) return unpack(bytes, perRow, bits);
  const aligned = bytes.byteOffset % (bits / 8) === 0 ? bytes : bytes.slice();
  if (little !== HOST_LITTLE && bits > 8) swapBytes(aligned, (bits / 8) as 2 | 4 | 8);
  if (predictor === 2 && bits === 64) undoWideDifferences(unsignedWideOf(aligned), perRow, samples);
  else if (predictor === 2) undoDifferences(unsignedOf(aligned, bits), perRow, samples, bits);
  if (format === FLOAT) return floatsOf(aligned, bits);
  if (bits === 64) return numbersOf(who, format === SIGNED ? signedWideOf(aligned) : unsignedWideOf(aligned));
  return format === SIGNED ? signedOf(aligned, bits) : unsignedOf(aligned, bits);
}

function unsignedOf({ buffer, byteOffset, length }: Uint8Array, bits: number): Uint8Array | Uint16Array | Uint32Array {
  if (bits === 8) return new Uint8Array(buffer, byteOffset, length);
  if (bits === 16) return new Uint16Array(buffer, byteOffset, length >> 1);
  return new Uint32Array(buffer, byteOffset, length >> 2);
}

function signedOf({ buffer, byteOffset, length }: Uint8Array, bits: number): Int8Array | Int16Array | Int32Array {
  if (bits === 8) return new Int8Array(buffer, byteOffset, length);
  if (bits === 16) return new Int16Array(buffer, byteOffset, length >> 1);
  return new Int32Array(buffer, byteOffset, length >> 2);
}

function unsignedWideOf({ buffer, byteOffset, length }: Uint8Array): BigUint64Array {
  return new BigUint64Array(buffer as ArrayBuffer, byteOffset, length >> 3);
}

function signedWideOf({ buffer, byteOffset, length }: Uint8Array): BigInt64Array {
  return new BigInt64Array(buffer as ArrayBuffer, byteOffset, length >> 3);
}

/** Horizontal predictor: each sample is the difference from the one a pixel before. */
function undoDifferences(
  values: Uint8Array | Uint16Array | Uint32Array,
  perRow: number,
  samples: number,
  bits: number,
): void {
  if (samples === 1 && bits < 32) return addAlong(values, perRow, 2 ** bits - 1);
  for (let row = 0; row + perRow <= values.length; row += perRow) {
    for (let i = row + samples; i < row + perRow; i++) values[i] = values[i] + values[i - samples];
  }
}

function undoWideDifferences(values: BigUint64Array, perRow: number, samples: number): void {
  for (let row = 0; row + perRow <= values.length; row += perRow) {
    for (let i = row + samples; i < row + perRow; i++) values[i] += values[i - samples];
  }
}

/** Sums along each row, the last one in a register. */
function addAlong(values: Uint8Array | Uint16Array | Uint32Array, perRow: number, mask: number): void {
  for (let row = 0; row + perRow <= values.length; row += perRow) {
    let last = 0;
    for (let i = row, end = row + perRow; i < end; i++) {
      last = (last + values[i]) & mask;
      values[i] = last;
    }
  }
}

function floatsOf(bytes: Uint8Array, bits: number): Samples {
  const { buffer, byteOffset } = bytes;
  const length = Math.floor(bytes.length / (bits / 8));
  if (bits === 32) return new Float32Array(buffer, byteOffset, length);
  if (bits === 64) return new Float64Array(buffer, byteOffset, length);
  return floatsOfHalves(new Uint16Array(buffer, byteOffset, length));
}

/** IEEE 754 binary16 as floats. */
export function floatsOfHalves(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = halfToFloat(halves[i]);
  return out;
}

function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Samples of 1 to 15 bits, the highest bit first; each row begins at a byte. */
function unpack(bytes: Uint8Array, perRow: number, bits: number): Uint8Array | Uint16Array {
  const rowBytes = Math.ceil((perRow * bits) / 8);
  const rows = Math.floor(bytes.length / rowBytes);
  const out = bits <= 8 ? new Uint8Array(rows * perRow) : new Uint16Array(rows * perRow);
  const mask = (1 << bits) - 1;
  for (let row = 0; row < rows; row++) {
    let at = row * rowBytes;
    let held = 0;
    let have = 0;
    for (let i = row * perRow, end = i + perRow; i < end; i++) {
      while (have < bits) {
        held = ((held << 8) | bytes[at++]) & 0xffffff;
        have += 8;
      }
      have -= bits;
      out[i] = (held >>> have) & mask;
    }
  }
  return out;
}

/**
 * TIFF's predictor 3 (Adobe's technical note 3): each row holds the highest bytes of all its values, then the next
 * ones, as differences.
 * @returns values in this machine's byte order.
 */
function undoFloatPredictor(bytes: Uint8Array, perRow: number, samples: number, size: number): Uint8Array {
  const rowBytes = perRow * size;
  const out = new Uint8Array(bytes.length - (bytes.length % rowBytes));
  for (let row = 0; row < out.length; row += rowBytes) {
    for (let i = row + samples; i < row + rowBytes; i++) bytes[i] = bytes[i] + bytes[i - samples];
    for (let i = 0; i < perRow; i++) {
      for (let b = 0; b < size; b++) {
        const place = HOST_LITTLE ? size - 1 - b : b;
        out[row + i * size + place] = bytes[row + b * perRow + i];
      }
    }
  }
  return out;
}
