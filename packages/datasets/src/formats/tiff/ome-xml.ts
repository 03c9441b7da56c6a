import { damagedFile } from '../byte-source.js';
import type { StatedLength } from '../axis-sizes.js';

/** Planes that lie on pages: `count` of them from page `ifd` on, the first of which is (z, c, t). */
export interface OmePlanes {
  readonly ifd: number | null;
  readonly z: number;
  readonly c: number;
  readonly t: number;
  readonly count: number | null;
  /** The file that holds the pages; null for this one. */
  readonly file: string | null;
}

/** One image of an OME-XML description. */
export interface OmeImage {
  readonly name: string;
  /** Pixels across and down, where it says them. */
  readonly width: number | null;
  readonly height: number | null;
  /** As OME spells it: `uint16`, `float`, `double`; empty where it does not say. */
  readonly type: string;
  /** Axes from the fastest to the slowest, without x and y: `ZCT`. */
  readonly order: string;
  /** What the file says of the order and nobody can read; null where it can be. */
  readonly strangeOrder: string | null;
  readonly sizes: { readonly c: number; readonly z: number; readonly t: number };
  readonly stated: Readonly<Record<'x' | 'y' | 'z', StatedLength | null>>;
  readonly planes: readonly OmePlanes[];
}

type Attributes = Readonly<Record<string, unknown>>;

/** The file that holds the description, where OME-XML says no more than that (BinaryOnly); null elsewhere. */
export function metadataFile(description: string): string | null {
  const [, tag] = /<(?:\w+:)?BinaryOnly([^>]*)>/.exec(description) ?? [];
  if (tag === undefined) return null;
  return decodeEntities(/MetadataFile="([^"]*)"/.exec(tag)?.[1] ?? 'another file');
}

/**
 * The images of an OME-XML description; null where there is no such description.
 * @throws {InputError} for XML that is none.
 */
export async function parseOme(path: string, description: string): Promise<OmeImage[] | null> {
  if (!/<(\w+:)?OME[\s>]/.test(description)) return null;
  // Loaded here: most calls of a program that can read OME-TIFF meet none.
  const { XMLParser } = await import('fast-xml-parser');
  // Entities of outside documents are nobody's business here; those of characters are undone below.
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    processEntities: false,
    parseTagValue: false,
  });
  let tree: unknown;
  try {
    tree = parser.parse(description);
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0].slice(0, 60);
    throw damagedFile(path, 'TIFF', `OME-XML that is no XML: ${reason}`, error);
  }
  const images = listOf(field(field(tree, 'OME'), 'Image'));
  return images.flatMap((image) => {
    const [pixels] = listOf(field(image, 'Pixels'));
    return isRecord(pixels) ? [imageOf(image, pixels)] : [];
  });
}

function imageOf(image: unknown, pixels: Attributes): OmeImage {
  const size = (name: string) => Math.max(1, whole(pixels[name]) ?? 1);
  const order = text(pixels['DimensionOrder']) ?? 'XYZCT';
  const known = /^XY(?=.*Z)(?=.*C)(?=.*T)[ZCT]{3}$/.test(order);
  return {
    name: text(field(image, 'Name')) ?? '',
    width: whole(pixels['SizeX']),
    height: whole(pixels['SizeY']),
    type: text(pixels['Type']) ?? '',
    order: known ? order.slice(2) : 'ZCT',
    strangeOrder: known ? null : order,
    sizes: { c: size('SizeC'), z: size('SizeZ'), t: size('SizeT') },
    stated: { x: lengthOf(pixels, 'X'), y: lengthOf(pixels, 'Y'), z: lengthOf(pixels, 'Z') },
    planes: listOf(pixels['TiffData']).map(planesOf),
  };
}

/** OME's lengths are micrometres where no unit is given. */
function lengthOf(pixels: Attributes, axis: 'X' | 'Y' | 'Z'): StatedLength | null {
  const value = text(pixels[`PhysicalSize${axis}`]);
  if (value === null) return null;
  return { value: Number(value), unit: text(pixels[`PhysicalSize${axis}Unit`]) ?? 'µm' };
}

function planesOf(data: unknown): OmePlanes {
  const [uuid] = listOf(field(data, 'UUID'));
  return {
    ifd: whole(field(data, 'IFD')),
    z: whole(field(data, 'FirstZ')) ?? 0,
    c: whole(field(data, 'FirstC')) ?? 0,
    t: whole(field(data, 'FirstT')) ?? 0,
    count: whole(field(data, 'PlaneCount')) ?? whole(field(data, 'NumPlanes')),
    file: text(field(uuid, 'FileName')),
  };
}

function isRecord(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? decodeEntities(value) : null;
}

function whole(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return Number.isInteger(number) && number >= 0 && number < 2 ** 31 ? number : null;
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** References to characters, by number or by XML's five names. */
function decodeEntities(value: string): string {
  return value.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi, (all, hex, decimal, name) => {
    if (name) return named[String(name).toLowerCase()] ?? all;
    const code = hex ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
