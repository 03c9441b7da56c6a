import type { Rng } from '@lacuna/core';

/** Numbers that break readers. */
const edges = [
  0,
  1,
  2,
  3,
  7,
  8,
  15,
  16,
  127,
  128,
  255,
  256,
  4096,
  32767,
  32768,
  65535,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];
export const pick = <T>(rng: Rng, from: readonly T[]): T => from[Math.floor(rng.uniform() * from.length)];
export const below = (rng: Rng, limit: number) => Math.floor(rng.uniform() * limit);

/** One to four changes: bits, bytes, numbers at even places, cuts, repeats, and swapped pieces. */
export function mutate(seed: Uint8Array, rng: Rng): Uint8Array {
  let bytes = seed.slice();
  for (let times = 1 + below(rng, 4); times > 0 && bytes.length > 8; times--) {
    const at = below(rng, bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    switch (below(rng, 8)) {
      case 0:
        bytes[at] ^= 1 << below(rng, 8);
        break;
      case 1:
        bytes[at] = pick(rng, edges) & 255;
        break;
      case 2:
        if (at + 2 <= bytes.length) view.setUint16(at & ~1, pick(rng, edges) & 65535, rng.uniform() < 0.5);
        break;
      case 3:
        if ((at & ~1) + 4 <= bytes.length) view.setUint32(at & ~1, pick(rng, edges), rng.uniform() < 0.5);
        break;
      case 4:
        if (rng.uniform() < 0.3) bytes = bytes.slice(0, at);
        break;
      case 5:
        bytes.copyWithin(below(rng, bytes.length), at, Math.min(bytes.length, at + below(rng, 64)));
        break;
      case 6:
        bytes[at] = below(rng, 256);
        break;
      default:
        if (rng.uniform() < 0.3)
          bytes = new Uint8Array(
            Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - below(rng, 100)))]),
          );
    }
  }
  return bytes;
}

/**
 * The same for TIFF, and changes to the entries of its first directory, where most of what a reader believes is said.
 */
export function mutateTiff(seed: Uint8Array, rng: Rng): Uint8Array {
  if (rng.uniform() < 0.4) return mutate(seed, rng);
  const bytes = seed.slice();
  const view = new DataView(bytes.buffer);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const at = big ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little);
  const entries = big ? Number(view.getBigUint64(at, little)) : view.getUint16(at, little);
  for (let times = 1 + below(rng, 3); times > 0; times--) {
    const entry = at + (big ? 8 : 2) + below(rng, entries) * (big ? 20 : 12);
    const value = rng.uniform() < 0.7 ? pick(rng, edges) : below(rng, 2000);
    switch (below(rng, 4)) {
      case 0:
        view.setUint16(entry, 254 + below(rng, 90), little);
        break;
      case 1:
        view.setUint16(entry + 2, below(rng, 20), little);
        break;
      case 2:
        if (big) view.setBigUint64(entry + 4, BigInt(value), little);
        else view.setUint32(entry + 4, value, little);
        break;
      default:
        if (rng.uniform() < 0.5) view.setUint16(entry + (big ? 12 : 8), value & 65535, little);
        else view.setUint32(entry + (big ? 12 : 8), value, little);
    }
  }
  return rng.uniform() < 0.2 ? mutate(bytes, rng) : bytes;
}

/** Numbers, names and brackets of JSON exchanged. */
export function mutateJson(seed: Uint8Array, rng: Rng): Uint8Array {
  const text = Buffer.from(seed).toString('utf8');
  const words = text.split(/(\d+|"[^"]*"|[{}[\],:])/);
  const which = below(rng, words.length);
  const word = words[which];
  if (/^\d+$/.test(word))
    words[which] = pick(rng, [
      '0',
      '-1',
      '1',
      '1.5',
      '1e9',
      '4294967296',
      '1e308',
      'null',
      '"x"',
      `${below(rng, 5000)}`,
    ]);
  else if (rng.uniform() < 0.5) words[which] = pick(rng, words);
  else words[which] = pick(rng, ['null', '[]', '{}', '""', '1', 'true', '']);
  return new Uint8Array(Buffer.from(words.join('')));
}

/** Cells, lines and signs of a text exchanged, dropped and doubled. */
export function mutateText(seed: Uint8Array, rng: Rng): Uint8Array {
  const words = Buffer.from(seed)
    .toString('utf8')
    .split(/([,"\r\n#]|\s+)/);
  for (let times = 1 + below(rng, 4); times > 0; times--) {
    const at = below(rng, words.length);
    switch (below(rng, 4)) {
      case 0:
        words[at] = pick(rng, words);
        break;
      case 1:
        words[at] = pick(rng, [
          '',
          ',',
          '"',
          '""',
          '\n',
          '\r',
          '\0',
          '#',
          '\uFEFF',
          'ä',
          '../',
          'training',
          'x'.repeat(below(rng, 5000)),
        ]);
        break;
      case 2:
        words.splice(at, below(rng, 4));
        break;
      default:
        words.splice(at, 0, ...words.slice(at, at + below(rng, 8)));
    }
    if (words.length === 0) words.push('');
  }
  const bytes = new Uint8Array(Buffer.from(words.join('')));
  return rng.uniform() < 0.3 ? mutate(bytes, rng) : bytes;
}
