/** What both directions need of the codec. */
interface Codec { encode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>; decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> }

let codec: Promise<Codec> | undefined;

/**
 * Undoes Zstandard (RFC 8878). The decoder takes the frame's word for the size: it is compared before.
 * @param most bytes that the result may have; some room beyond is given.
 * @throws {Error} for other sizes and broken frames.
 */
export async function decodeZstd(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const size = zstdContentSize(bytes);
  if (size === null) throw new Error('a Zstandard frame that does not say its size');
  if (size > 2 * most + (1 << 16)) throw new Error(`a Zstandard frame of ${size} bytes for ${most}`);
  codec ??= import('numcodecs/zstd').then(({ default: Zstd }) => new Zstd());
  return (await codec).decode(bytes);
}

/** Zstandard at its usual level. */
export async function encodeZstd(bytes: Uint8Array): Promise<Uint8Array> {
  codec ??= import('numcodecs/zstd').then(({ default: Zstd }) => new Zstd());
  return (await codec).encode(bytes);
}

/** The size that a frame's header says; null where it says none. */
function zstdContentSize(bytes: Uint8Array): number | null {
  if (bytes.length < 6 || bytes[0] !== 0x28 || bytes[1] !== 0xb5 || bytes[2] !== 0x2f || bytes[3] !== 0xfd) throw new Error('no Zstandard frame');
  const descriptor = bytes[4]!, single = (descriptor & 0x20) !== 0, flag = descriptor >> 6;
  const width = flag === 0 ? (single ? 1 : 0) : 1 << flag;
  if (width === 0) return null;
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (at + width > bytes.length) throw new Error('a Zstandard frame cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at, true) + 256 : width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
