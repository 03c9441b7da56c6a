import { FLOAT, SIGNED, type TiffPage } from './page.js';

/** Samples of a chunk, one after the other, in this machine's byte order. */
export type Samples =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

const reversed = Uint8Array.from({ length: 256 }, (_, byte) => {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) out |= 128 >> bit;
  return out;
});
/** Typed arrays use the machine's order; every machine that Node runs on puts the low byte first. */
export const HOST_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Makes samples of a chunk's bytes: undoes the order of bits and bytes and the predictor.
 * @param bytes rows of whole bytes; changed in place.
 * @param across pixels of a row; `samples` values each.
 */
export function samplesOf(
  bytes: Uint8Array,
  little: boolean,
  { bits, format, predictor, reversedBits }: Pick<TiffPage, 'bits' | 'format' | 'predictor' | 'reversedBits'>,
  across: number,
  samples: number,
): Samples {
  if (reversedBits) for (let i = 0; i < bytes.length; i++) bytes[i] = reversed[bytes[i]]!;
  const perRow = across * samples;
  if (predictor === 3) return floatsOf(undoFloatPredictor(bytes, perRow, samples, bits / 8), bits);
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64) return unpack(bytes, perRow, bits);
  const aligned = bytes.byteOffset % (bits / 8) === 0 ? bytes : bytes.slice();
  if (little !== HOST_LITTLE && bits > 8) swap(aligned, bits);
  const { buffer, byteOffset } = aligned;
  const length = Math.floor(aligned.length / (bits / 8));
  const whole =
    bits === 8
      ? aligned
      : bits === 16
        ? new Uint16Array(buffer, byteOffset, length)
        : bits === 32
          ? new Uint32Array(buffer, byteOffset, length)
          : null;
  if (predictor === 2 && whole) {
    if (samples === 1 && bits < 32) addAlong(whole, perRow, length, 2 ** bits - 1);
    else
      for (let row = 0; row + perRow <= length; row += perRow)
        for (let i = row + samples; i < row + perRow; i++) whole[i] = whole[i] + whole[i - samples];
  }
  if (format === FLOAT) return floatsOf(aligned, bits);
  if (format === SIGNED)
    return bits === 8
      ? new Int8Array(buffer, byteOffset, length)
      : bits === 16
        ? new Int16Array(buffer, byteOffset, length)
        : new Int32Array(buffer, byteOffset, length);
  return whole!;
}

/** Sums along each row, the last one in a register. */
function addAlong(values: Uint8Array | Uint16Array | Uint32Array, perRow: number, length: number, mask: number): void {
  for (let row = 0; row + perRow <= length; row += perRow) {
    let last = 0;
    for (let i = row, end = row + perRow; i < end; i++) {
      last = (last + values[i]) & mask;
      values[i] = last;
    }
  }
}

function swap(bytes: Uint8Array, bits: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - (bytes.length % (bits / 8)));
  if (bits === 16) buffer.swap16();
  else if (bits === 32) buffer.swap32();
  else buffer.swap64();
}

function floatsOf(bytes: Uint8Array, bits: number): Samples {
  const { buffer, byteOffset } = bytes;
  const length = Math.floor(bytes.length / (bits / 8));
  if (bits === 32) return new Float32Array(buffer, byteOffset, length);
  if (bits === 64) return new Float64Array(buffer, byteOffset, length);
  const halves = new Uint16Array(buffer, byteOffset, length);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = halfToFloat(halves[i]);
  return out;
}

/** IEEE 754 binary16. */
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
    for (let i = 0; i < perRow; i++)
      for (let b = 0; b < size; b++)
        out[row + i * size + (HOST_LITTLE ? size - 1 - b : b)] = bytes[row + b * perRow + i]!;
  }
  return out;
}
