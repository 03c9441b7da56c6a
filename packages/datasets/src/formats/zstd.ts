import { decompressZstd } from './native-codecs.js';

/** What both directions need of the codec. */
interface Codec {
  encode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  decode(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

let codec: Promise<Codec> | undefined;

/** Bytes that one block becomes at most (RFC 8878, section 3.1.1.2). */
const BLOCK = 1 << 17;

/**
 * Undoes Zstandard (RFC 8878). The decoder believes sizes, and waits for ever for the rest of a frame that is cut or
 * followed by the start of another: the frame is walked through first, and only whole frames are decoded. What follows
 * the first one is left out.
 * @param most bytes that the result may have; some room beyond is given.
 * @throws {Error} for other sizes and broken frames.
 */
export async function decodeZstd(bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const { length, size } = walkFrame(bytes);
  if (size > 2 * most + BLOCK) throw new Error(`a Zstandard frame of ${size} bytes for ${most}`);
  const frame = length === bytes.length ? bytes : bytes.subarray(0, length);
  if (decompressZstd)
    return decompressZstd(frame, { chunkSize: Math.max(64, size), maxOutputLength: Math.max(1, size) });
  codec ??= import('numcodecs/zstd').then(({ default: Zstd }) => new Zstd());
  return (await codec).decode(frame);
}

/** Zstandard at its usual level. */
export async function encodeZstd(bytes: Uint8Array): Promise<Uint8Array> {
  codec ??= import('numcodecs/zstd').then(({ default: Zstd }) => new Zstd());
  return (await codec).encode(bytes);
}

/** Bytes that a frame takes, and what it becomes: as its header says, else at most. */
function walkFrame(bytes: Uint8Array): { length: number; size: number } {
  if (bytes.length < 6 || bytes[0] !== 0x28 || bytes[1] !== 0xb5 || bytes[2] !== 0x2f || bytes[3] !== 0xfd)
    throw new Error('no Zstandard frame');
  const descriptor = bytes[4];
  const single = (descriptor & 0x20) !== 0;
  const flag = descriptor >> 6;
  const sum = (descriptor & 4) !== 0;
  const shortest = single ? 1 : 0;
  const width = flag === 0 ? shortest : 1 << flag;
  const sizeAt = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
  const cut = () => new Error('a Zstandard frame cut short');
  if (sizeAt + width > bytes.length) throw cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const said = width === 0 ? null : statedSize(view, sizeAt, width);
  let at = sizeAt + width;
  let atMost = 0;
  for (let last = false; !last;) {
    if (at + 3 > bytes.length) throw cut();
    const header = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    const kind = (header >> 1) & 3;
    const size = header >> 3;
    if (kind === 3 || size > BLOCK) throw new Error('a Zstandard block of no kind or size that there is');
    last = (header & 1) !== 0;
    at += 3 + (kind === 1 ? 1 : size);
    atMost += kind === 2 ? BLOCK : size;
  }
  at += sum ? 4 : 0;
  if (at > bytes.length) throw cut();
  return { length: at, size: said ?? atMost };
}

/** The size of the contents, in 1, 2, 4 or 8 bytes of a frame's header. */
function statedSize(view: DataView, at: number, width: number): number {
  if (width === 1) return view.getUint8(at);
  if (width === 2) return view.getUint16(at, true) + 256;
  return width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
