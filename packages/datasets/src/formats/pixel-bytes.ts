import { HOST_LITTLE, swapBytes } from './byte-order.js';

/** How intensities are stored. Integers are rounded and kept within their type. */
export type SampleType = 'uint8' | 'uint16' | 'int16' | 'float32';

export const bytesPerSample: Record<SampleType, 1 | 2 | 4> = { uint8: 1, uint16: 2, int16: 2, float32: 4 };

const ranges = { uint8: [0, 255], uint16: [0, 65535], int16: [-32768, 32767] } as const;

const arrays = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array };
const samples = { ...arrays, float32: Float32Array };

/** Intensities as little-endian samples. NaN becomes 0 in integers. */
export function pixelBytes(data: Float32Array, type: SampleType): Uint8Array {
  if (type === 'float32') return littleEndian(data.slice(), 4);
  const [low, high] = ranges[type];
  const out = new arrays[type](data.length);
  for (let i = 0; i < data.length; i++) out[i] = Math.min(high, Math.max(low, Math.round(data[i])));
  return littleEndian(out, bytesPerSample[type]);
}

/** From the machine's order to little-endian, or back, in place. */
function littleEndian(values: Float32Array | Uint8Array | Uint16Array | Int16Array, width: 1 | 2 | 4): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (!HOST_LITTLE && width !== 1) swapBytes(bytes, width);
  return bytes;
}

/** Samples of the bytes that {@link pixelBytes} makes. */
export function samplesOfBytes(
  bytes: Uint8Array,
  type: SampleType,
): Float32Array | Uint8Array | Uint16Array | Int16Array {
  // A Buffer's own slice is a view, of a pool where it is small.
  const own = Uint8Array.from(bytes);
  littleEndian(own, bytesPerSample[type]);
  return new samples[type](own.buffer);
}
