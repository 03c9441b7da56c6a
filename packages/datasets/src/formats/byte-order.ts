/** Typed arrays use the machine's order of bytes; every machine that Node runs on puts the low byte first. */
export const HOST_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Turns about the bytes of each number, in place; bytes beyond the last whole number stay.
 * @param bytes they begin where typed arrays of the width may.
 */
export function swapBytes({ buffer, byteOffset, length }: Uint8Array, width: 2 | 4 | 8): void {
  const count = Math.floor(length / width);
  if (width === 2) {
    const values = new Uint16Array(buffer, byteOffset, count);
    for (let i = 0; i < count; i++) values[i] = (values[i] << 8) | (values[i] >> 8);
    return;
  }
  const values = new Uint32Array(buffer, byteOffset, (count * width) / 4);
  for (let i = 0; i < values.length; i++) values[i] = swapped(values[i]);
  if (width === 4) return;
  for (let i = 0; i < values.length; i += 2) {
    const first = values[i];
    values[i] = values[i + 1];
    values[i + 1] = first;
  }
}

const swapped = (value: number): number =>
  (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
