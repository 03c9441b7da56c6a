import { createImage, cropImage, median, type Image } from '@lacuna/core';
import { phaseCorrelation } from '../align/phase-correlation.js';
import { filterPlanes, gaussianBlur, gaussianKernel } from '../filters/separable.js';
import { specimenName } from './place.js';

/** One place in two sets of images. */
export interface SharedPlace {
  /** Which image of either set. */
  readonly first: number;
  readonly second: number;
  /** `pixels`: the same numbers; `structures`: the same things, scanned twice. */
  readonly what: 'pixels' | 'structures';
  /** Of what both show, HR pixels. */
  readonly width: number;
  readonly height: number;
}

/** Most images of either set that are registered: more are thinned out evenly. */
const MOST_IMAGES = 10;

/**
 * A place that images of both sets show, as far as their content tells; null for none. Two parts of one image are told
 * apart by their place, which the caller knows, and are not compared; nor are the structures of one stack's planes.
 *
 * Pixels: copies, crops and tiles that overlap by at least 31 pixels along x and y have windows in common, number by
 * number; every plane of volumes is looked at. Structures: a field that was scanned again, shifted, is found by
 * registration; of each image the middle plane. Turned, mirrored and enlarged copies are not found.
 */
export function findSharedPlace(first: readonly Image[], second: readonly Image[]): SharedPlace | null {
  return findSamePixels(first, second) ?? findSameStructures(first, second);
}

/** Side of the windows that are looked for. */
const WINDOW = 16;
/** Different numbers, and pixels off the line of their neighbours, that a window must hold: flat ones are all alike. */
const LEAST_VALUES = 16;
/** Of a window's range: a bend below it is rounding. */
const STRAIGHT = 1e-3;
/** Multipliers of the hash along x and y; odd, so that nothing is lost modulo 2³². */
const ALONG_X = 0x9e3779b1;
const ALONG_Y = 0x85ebca6b;

/** A window of a set of images. */
interface Window {
  readonly image: number;
  readonly plane: Image;
  readonly x: number;
  readonly y: number;
}

/**
 * Windows side by side of the first set are kept by their hashes, and all windows of the second looked up (Rabin and
 * Karp, IBM J. Res. Dev. 31, 249, 1987); what has the same hash is compared by its numbers.
 */
function findSamePixels(first: readonly Image[], second: readonly Image[]): SharedPlace | null {
  const known = new Map<number, Window>();
  first.forEach((image, i) => {
    for (const plane of planesOf(image))
      for (let y = 0; y + WINDOW <= plane.height; y += WINDOW)
        for (let x = 0; x + WINDOW <= plane.width; x += WINDOW)
          if (hasContent(plane, x, y)) known.set(windowHash(plane, x, y), { image: i, plane, x, y });
  });
  if (known.size === 0) return null;
  for (const [i, image] of second.entries()) {
    for (const plane of planesOf(image)) {
      if (Math.min(plane.width, plane.height) < WINDOW) continue;
      const hashes = windowHashes(plane);
      const down = plane.height - WINDOW + 1;
      for (let at = 0; at < hashes.length; at++) {
        const window = known.get(hashes[at]);
        if (window === undefined || first[window.image].name === image.name) continue;
        const shift = { x: Math.floor(at / down) - window.x, y: (at % down) - window.y };
        const size = agreement(window, plane, shift);
        if (size !== null) return { first: window.image, second: i, what: 'pixels', ...size };
      }
    }
  }
  return null;
}

function planesOf(image: Image): Image[] {
  const { width, height, depth } = image;
  return Array.from({ length: depth }, (_, z) => cropImage(image, { x: 0, y: 0, z, width, height, depth: 1 }));
}

const bitsOf = ({ data }: Image): Uint32Array => new Uint32Array(data.buffer, data.byteOffset, data.length);

function hasContent({ data, width }: Image, x: number, y: number): boolean {
  const seen = new Set<number>();
  let least = Infinity;
  let most = -Infinity;
  for (let j = 0; j < WINDOW; j++) {
    for (let i = 0; i < WINDOW; i++) {
      const value = data[(y + j) * width + x + i];
      seen.add(value);
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  if (seen.size < LEAST_VALUES) return false;
  let bent = 0;
  for (let j = 0; j < WINDOW; j++) {
    for (let i = 1; i < WINDOW - 1; i++) {
      const at = (y + j) * width + x + i;
      const bend = data[at - 1] - 2 * data[at] + data[at + 1];
      if (Math.abs(bend) > STRAIGHT * (most - least)) bent++;
    }
  }
  return bent >= LEAST_VALUES;
}

/** A polynomial of the numbers' bits, modulo 2³². */
function windowHash(plane: Image, x: number, y: number): number {
  const bits = bitsOf(plane);
  let hash = 0;
  for (let j = 0; j < WINDOW; j++) {
    let row = 0;
    const from = (y + j) * plane.width + x;
    for (let i = 0; i < WINDOW; i++) row = (Math.imul(row, ALONG_X) + bits[from + i]) | 0;
    hash = (Math.imul(hash, ALONG_Y) + row) | 0;
  }
  return hash >>> 0;
}

/** {@link windowHash} of all windows of a plane, column by column. */
function windowHashes(plane: Image): Uint32Array {
  const { width, height } = plane;
  const across = width - WINDOW + 1;
  const rows = rolled(bitsOf(plane), { count: height, length: width, step: 1, between: width, factor: ALONG_X });
  return rolled(rows, { count: across, length: height, step: across, between: 1, factor: ALONG_Y });
}

/** Rolling hashes along each of `count` lines; a line's values lie `step` apart, lines `between`. */
function rolled(
  values: Uint32Array,
  line: { count: number; length: number; step: number; between: number; factor: number },
): Uint32Array {
  const { count, length, step, between, factor } = line;
  const windows = length - WINDOW + 1;
  const out = new Uint32Array(count * windows);
  let leaving = 1;
  for (let i = 0; i < WINDOW; i++) leaving = Math.imul(leaving, factor);
  for (let k = 0; k < count; k++) {
    const from = k * between;
    let hash = 0;
    for (let i = 0; i < length; i++) {
      hash = (Math.imul(hash, factor) + values[from + i * step]) | 0;
      if (i >= WINDOW) hash = (hash - Math.imul(leaving, values[from + (i - WINDOW) * step])) | 0;
      if (i >= WINDOW - 1) out[k * windows + i - WINDOW + 1] = hash;
    }
  }
  return out;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** From a pixel of one plane to the same of another. */
interface Shift {
  readonly x: number;
  readonly y: number;
}

/** How far a window's pixels and those around it are the same in both; null where the window's own are not. */
function agreement({ plane: a, x, y }: Window, b: Image, shift: Shift): Size | null {
  const isSame = (u: number, v: number) => a.data[v * a.width + u] === b.data[(v + shift.y) * b.width + u + shift.x];
  const isRowSame = (v: number, from: number, to: number) => {
    for (let u = from; u < to; u++) if (!isSame(u, v)) return false;
    return true;
  };
  const isColumnSame = (u: number, from: number, to: number) => {
    for (let v = from; v < to; v++) if (!isSame(u, v)) return false;
    return true;
  };
  for (let v = y; v < y + WINDOW; v++) if (!isRowSame(v, x, x + WINDOW)) return null;
  const box = { left: x, right: x + WINDOW, top: y, bottom: y + WINDOW };
  const first = { x: Math.max(0, -shift.x), y: Math.max(0, -shift.y) };
  const last = { x: Math.min(a.width, b.width - shift.x), y: Math.min(a.height, b.height - shift.y) };
  while (box.left > first.x && isColumnSame(box.left - 1, box.top, box.bottom)) box.left--;
  while (box.right < last.x && isColumnSame(box.right, box.top, box.bottom)) box.right++;
  while (box.top > first.y && isRowSame(box.top - 1, box.left, box.right)) box.top--;
  while (box.bottom < last.y && isRowSame(box.bottom, box.left, box.right)) box.bottom++;
  return { width: box.right - box.left, height: box.bottom - box.top };
}

/** Side of the pictures that are registered, and of the blocks in which they are compared. */
const SIDE = 128;
const BLOCK = 16;
/** Sigma of what is smoothed away as noise and taken off as background, pixels of the picture. */
const NOISE = 1.2;
const BACKGROUND = 6;
/** Pixels of the picture along its edges that are left out: the background is not known there. */
const MARGIN = 2 * BACKGROUND;
/** Fewest blocks with structures that two pictures must share, and the share of them that must agree. */
const LEAST_BLOCKS = 8;
const MOST = 0.7;
/** Correlation from which a block agrees: 256 pixels of other places reach .3 by chance. */
const AGREES = 0.7;
/** Of the contrast of the middle block by contrast: blocks below it have no structures. */
const FAINT = 0.25;
/** Of the picture's standard deviation: details below it are rounding. */
const NOTHING = 1e-4;

/** What of a plane registration looks at: a small picture of its structures, without background and noise. */
interface Detail {
  readonly image: Image;
  /** HR pixels to one of the picture. */
  readonly scale: number;
  /** Standard deviation from which a block has structures; null where nothing has. */
  readonly faint: number | null;
}

function detailOf(plane: Image): Detail {
  const scale = Math.max(1, Math.ceil(Math.max(plane.width, plane.height) / SIDE));
  const small = filterPlanes(plane, gaussianKernel(NOISE * scale), scale);
  const inner = { width: small.width - 2 * MARGIN, height: small.height - 2 * MARGIN };
  if (Math.min(inner.width, inner.height) < BLOCK) return { image: small, scale, faint: null };
  const background = gaussianBlur(small, BACKGROUND);
  const whole = { ...small, data: small.data.map((value, i) => value - background.data[i]) };
  const image = cropImage(whole, { x: MARGIN, y: MARGIN, z: 0, ...inner, depth: 1 });
  const least = NOTHING * correlate(small.data, small.data).first;
  const contrasts = blocksOf(inner)
    .map(({ x, y }) => blockOf(image, x, y))
    .map((block) => correlate(block, block).first)
    .filter((contrast) => contrast > least);
  return { image, scale, faint: contrasts.length === 0 ? null : FAINT * median(contrasts) };
}

/** Corners of the blocks side by side in an area. */
function blocksOf({ width, height }: Size): { x: number; y: number }[] {
  const along = (length: number) => Array.from({ length: Math.floor(length / BLOCK) }, (_, i) => i * BLOCK);
  return along(height).flatMap((y) => along(width).map((x) => ({ x, y })));
}

/** The first pair of images whose middle planes show the same structures. */
function findSameStructures(first: readonly Image[], second: readonly Image[]): SharedPlace | null {
  const prepared = (images: readonly Image[]) =>
    thinned(images.length, MOST_IMAGES).map((index) => ({ index, detail: detailOf(middleOf(images[index])) }));
  const ones = prepared(first);
  const others = prepared(second);
  for (const one of ones) {
    for (const other of others) {
      if (specimenOf(first[one.index]) === specimenOf(second[other.index])) continue;
      const size = sameStructures(one.detail, other.detail);
      if (size !== null) return { first: one.index, second: other.index, what: 'structures', ...size };
    }
  }
  return null;
}

/** At most `most` of the numbers from 0 to `count` - 1, evenly. */
function thinned(count: number, most: number): number[] {
  const kept = Math.min(count, most);
  return Array.from({ length: kept }, (_, i) => Math.floor((i * count) / kept));
}

/** Planes `name[0]`, `name[1]`, ... of one stack look alike everywhere. */
const specimenOf = ({ name }: Image): string => specimenName(name);

function middleOf(image: Image): Image {
  const { width, height, depth } = image;
  return cropImage(image, { x: 0, y: 0, z: Math.floor(depth / 2), width, height, depth: 1 });
}

/**
 * Two scans of one place: their structures, registered by phase correlation, agree in most blocks of what they share.
 * A frame or a round field that all images have in common fills fewer.
 */
function sameStructures(a: Detail, b: Detail): Size | null {
  if (a.scale !== b.scale || a.faint === null || b.faint === null) return null;
  const padded = [a, b].map(({ image }) => padTo(image, SIDE));
  const { x, y } = phaseCorrelation(padded[0], padded[1], { upsample: 1, normalisation: 'none' });
  // A shift is known but for a whole turn of the circle.
  const turns = (shift: number) => [shift, shift > 0 ? shift - SIDE : shift + SIDE];
  for (const dx of turns(x)) {
    for (const dy of turns(y)) {
      const found = agreeingArea(a, b, { x: dx, y: dy });
      if (found !== null) return { width: found.width * a.scale, height: found.height * a.scale };
    }
  }
  return null;
}

function padTo(image: Image, side: number): Image {
  const data = new Float32Array(side * side);
  for (let y = 0; y < image.height; y++)
    data.set(image.data.subarray(y * image.width, (y + 1) * image.width), y * side);
  return createImage({ data, width: side, height: side, dataRange: image.dataRange });
}

/** What both show where pixel (u, v) of b lies at (u + x, v + y) of a; null where too few blocks agree. */
function agreeingArea(a: Detail, b: Detail, shift: Shift): Size | null {
  const left = Math.max(0, shift.x);
  const top = Math.max(0, shift.y);
  const width = Math.min(a.image.width, b.image.width + shift.x) - left;
  const height = Math.min(a.image.height, b.image.height + shift.y) - top;
  let structured = 0;
  let agreeing = 0;
  for (const { x, y } of blocksOf({ width: Math.max(0, width), height: Math.max(0, height) })) {
    const one = blockOf(a.image, left + x, top + y);
    const other = blockOf(b.image, left + x - shift.x, top + y - shift.y);
    const { correlation, first, second } = correlate(one, other);
    if (first < a.faint! || second < b.faint!) continue;
    structured++;
    if (correlation >= AGREES) agreeing++;
  }
  return structured >= LEAST_BLOCKS && agreeing >= MOST * structured ? { width, height } : null;
}

function blockOf({ data, width }: Image, x: number, y: number): Float32Array {
  const out = new Float32Array(BLOCK * BLOCK);
  for (let j = 0; j < BLOCK; j++) out.set(data.subarray((y + j) * width + x, (y + j) * width + x + BLOCK), j * BLOCK);
  return out;
}

/** Pearson's correlation of two blocks, and the standard deviation of each. */
function correlate(p: Float32Array, q: Float32Array): { correlation: number; first: number; second: number } {
  const n = p.length;
  let meanP = 0;
  let meanQ = 0;
  for (let i = 0; i < n; i++) {
    meanP += p[i] / n;
    meanQ += q[i] / n;
  }
  let pp = 0;
  let qq = 0;
  let pq = 0;
  for (let i = 0; i < n; i++) {
    const a = p[i] - meanP;
    const b = q[i] - meanQ;
    pp += a * a;
    qq += b * b;
    pq += a * b;
  }
  return { correlation: pq / Math.sqrt(pp * qq), first: Math.sqrt(pp / n), second: Math.sqrt(qq / n) };
}
