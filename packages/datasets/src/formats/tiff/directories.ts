import { damagedFile, type ByteSource } from '../byte-source.js';

/** Byte order, kind and the places of the pages' directories. */
export interface TiffChain {
  readonly little: boolean;
  readonly big: boolean;
  readonly offsets: readonly number[];
}

/** Where the values of a tag lie; their bytes are read when they are asked for. */
interface Field {
  readonly type: number;
  readonly count: number;
  readonly at: number;
}

/** The tags of one page. */
export interface Directory {
  has(tag: number): boolean;
  /** The first value of a tag, or `otherwise`. */
  number(tag: number, otherwise: number): number;
  /** All values of a tag; fractions as quotients. Empty where the tag is missing. */
  numbers(tag: number): Float64Array;
  bytes(tag: number): Uint8Array | null;
  text(tag: number): string;
}

/** Bytes of one value of each TIFF type; 0 for unknown types. */
const sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const NEW_SUBFILE_TYPE = 254;
const REDUCED = 1;

/**
 * Follows the chain of directories without reading them; reduced copies of a page (previews, pyramids) are left out. A
 * chain that leaves the file or comes back to where it was would keep a reader busy for ever.
 * @throws {InputError} for such chains.
 */
export function readChain(source: ByteSource): TiffChain {
  const damaged = (what: string) => damagedFile(source.name, 'TIFF', what);
  if (source.size < 8) throw damaged(`${source.size} bytes`);
  const head = viewOf(source, 0, 8);
  const little = head.getUint8(0) === 0x49;
  const big = head.getUint16(2, little) === 43;
  const offsetAt = (position: number) => {
    if (position + (big ? 8 : 4) > source.size) throw damaged(`directory at byte ${position} of ${source.size}`);
    return big
      ? Number(viewOf(source, position, 8).getBigUint64(0, little))
      : viewOf(source, position, 4).getUint32(0, little);
  };
  const seen = new Set<number>();
  const offsets: number[] = [];
  let at = offsetAt(big ? 8 : 4);
  while (at !== 0) {
    if (seen.has(at)) throw damaged(`directory ${seen.size} leads back to an earlier one`);
    seen.add(at);
    if (at + (big ? 8 : 2) > source.size) throw damaged(`directory at byte ${at} of ${source.size}`);
    const entries = big
      ? Number(viewOf(source, at, 8).getBigUint64(0, little))
      : viewOf(source, at, 2).getUint16(0, little);
    const next = offsetAt(at + (big ? 8 + 20 * entries : 2 + 12 * entries));
    if (!isReduced(source, { little, big }, at, entries)) offsets.push(at);
    at = next;
  }
  if (offsets.length === 0) throw damaged('no directory');
  return { little, big, offsets };
}

/** Tags lie in order: only those up to the subfile's type are looked at. */
function isReduced(
  source: ByteSource,
  { little, big }: { little: boolean; big: boolean },
  at: number,
  entries: number,
): boolean {
  const step = big ? 20 : 12;
  const first = at + (big ? 8 : 2);
  for (let i = 0; i < Math.min(entries, 4); i++) {
    const entry = viewOf(source, first + i * step, step);
    const tag = entry.getUint16(0, little);
    if (tag === NEW_SUBFILE_TYPE) return (entry.getUint32(big ? 12 : 8, little) & REDUCED) !== 0;
    if (tag > NEW_SUBFILE_TYPE) return false;
  }
  return false;
}

/**
 * The tags of the directory at `offset`.
 * @throws {InputError} where values lie outside the file; each is checked when it is asked for.
 */
export function readDirectory(source: ByteSource, { little, big }: TiffChain, offset: number): Directory {
  const damaged = (what: string) => damagedFile(source.name, 'TIFF', what);
  const entries = big
    ? Number(viewOf(source, offset, 8).getBigUint64(0, little))
    : viewOf(source, offset, 2).getUint16(0, little);
  const step = big ? 20 : 12;
  const first = offset + (big ? 8 : 2);
  const table = viewOf(source, first, entries * step);
  const fields = new Map<number, Field>();
  for (let i = 0; i < entries; i++) {
    const to = i * step;
    const type = table.getUint16(to + 2, little);
    const count = big ? Number(table.getBigUint64(to + 4, little)) : table.getUint32(to + 4, little);
    const inline = big ? 8 : 4;
    const slot = to + (big ? 12 : 8);
    const length = (sizes[type] ?? 0) * count;
    let at = first + slot;
    if (length > inline) at = big ? Number(table.getBigUint64(slot, little)) : table.getUint32(slot, little);
    fields.set(table.getUint16(to, little), { type, count, at });
  }
  const raw = (tag: number, most = Infinity): { field: Field; view: DataView } | null => {
    const field = fields.get(tag);
    if (!field || field.count === 0) return null;
    const size = sizes[field.type] ?? 0;
    if (size === 0) throw damaged(`tag ${tag} of type ${field.type}`);
    const length = size * Math.min(field.count, most);
    if (!(field.at + size * field.count <= source.size))
      throw damaged(`tag ${tag} at byte ${field.at} of ${source.size}`);
    return { field, view: viewOf(source, field.at, length) };
  };
  const values = (tag: number, most: number): Float64Array => {
    const found = raw(tag, most);
    if (!found) return new Float64Array(0);
    const {
      field: { type, count },
      view,
    } = found;
    const size = sizes[type];
    const out = new Float64Array(Math.min(count, most));
    for (let i = 0; i < out.length; i++) out[i] = valueAt(view, i * size, type, little);
    return out;
  };
  return {
    has: (tag) => fields.has(tag),
    number: (tag, otherwise) => values(tag, 1)[0] ?? otherwise,
    numbers: (tag) => values(tag, Infinity),
    bytes(tag) {
      const found = raw(tag);
      return found && new Uint8Array(found.view.buffer, found.view.byteOffset, found.view.byteLength);
    },
    text(tag) {
      const found = raw(tag);
      return found ? decodeText(new Uint8Array(found.view.buffer, found.view.byteOffset, found.view.byteLength)) : '';
    },
  };
}

/** UTF-8, or Latin-1 where it is none: what older writers made of "µm". It ends at the first NUL. */
function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return Array.from(text, (byte) => String.fromCharCode(byte)).join('');
  }
}

function valueAt(view: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, little);
    case 4:
    case 13:
      return view.getUint32(at, little);
    case 5:
      return view.getUint32(at, little) / view.getUint32(at + 4, little);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, little);
    case 9:
      return view.getInt32(at, little);
    case 10:
      return view.getInt32(at, little) / view.getInt32(at + 4, little);
    case 11:
      return view.getFloat32(at, little);
    case 12:
      return view.getFloat64(at, little);
    case 16:
    case 18:
      return Number(view.getBigUint64(at, little));
    case 17:
      return Number(view.getBigInt64(at, little));
    default:
      return view.getUint8(at);
  }
}

function viewOf(source: ByteSource, position: number, length: number): DataView {
  const bytes = source.read(position, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
