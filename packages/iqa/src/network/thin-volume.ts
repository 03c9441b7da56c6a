import { padMask, type Mask } from '../mask.js';

/**
 * Thins a volume (or a plane) to curves without changing its Betti numbers (26-connected foreground, 6-connected background).
 *
 * Six directions in turn, as Lee's method (1994, doi 10.1006/cgip.1994.1042): border voxels that are simple and no line ends are collected,
 * then deleted one by one, each only if it is still both at that moment. Every deletion is of a simple point, so components,
 * tunnels and cavities stay, whatever the shape; scikit-image's method erases straight tubes of even width.
 */
export function thinVolume(mask: Mask): Mask {
  const padded = padMask(mask.depth > 1 ? mask : asVolume(mask), 1);
  const { data, width: w, height: h } = padded;
  const plane = w * h;
  const offsets = new Int32Array(27);
  for (let k = 0; k < 27; k++) offsets[k] = ((k % 3) - 1) + (Math.floor(k / 3) % 3 - 1) * w + (Math.floor(k / 9) - 1) * plane;
  let active: number[] = [];
  for (let i = 0; i < data.length; i++) if (data[i]) active.push(i);
  const directions = [-w, w, 1, -1, plane, -plane];
  const near = new Uint8Array(27);
  const removable = (i: number): boolean => {
    let count = 0;
    for (let k = 0; k < 27; k++) count += near[k] = data[i + offsets[k]];
    return count > 2 && isSimple(near);
  };
  for (let removed = true; removed; ) {
    removed = false;
    for (const direction of directions) {
      const candidates = active.filter((i) => data[i + direction] === 0 && removable(i));
      for (const i of candidates) {
        if (!removable(i)) continue;
        data[i] = 0;
        removed = true;
      }
      if (candidates.length) active = active.filter((i) => data[i]);
    }
  }
  return unpad(padded, mask);
}

export function asVolume(mask: Mask): Mask {
  const data = new Uint8Array(mask.data.length * 3);
  data.set(mask.data, mask.data.length);
  return { ...mask, data, depth: 3 };
}

export function unpad(padded: Mask, original: Mask): Mask {
  const { width, height, depth } = original;
  const data = new Uint8Array(width * height * depth);
  const shift = depth > 1 ? 1 : 2;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const from = ((z + shift) * padded.height + y + 1) * padded.width + 1;
      data.set(padded.data.subarray(from, from + width), (z * height + y) * width);
    }
  }
  return { data, width, height, depth };
}

const NEAR26 = neighbourhoods((steps, reach) => steps >= 1 && reach <= 1);
const NEAR6 = neighbourhoods((steps, reach) => steps === 1 && reach <= 1);
/** Faces and edges of the 3 x 3 x 3 neighbourhood, whose background decides with 6-connectivity. */
const IN_18 = Uint8Array.from({ length: 27 }, (_, k) => (k !== 13 && Math.abs((k % 3) - 1) + Math.abs((Math.floor(k / 3) % 3) - 1) + Math.abs(Math.floor(k / 9) - 1) <= 2 ? 1 : 0));
const FACES = [4, 10, 12, 14, 16, 22];

function neighbourhoods(include: (steps: number, reach: number) => boolean): number[][] {
  const parts = (k: number) => [k % 3, Math.floor(k / 3) % 3, Math.floor(k / 9)];
  return Array.from({ length: 27 }, (_, a) => Array.from({ length: 27 }, (_, b) => b).filter((b) => {
    const d = parts(a).map((v, axis) => Math.abs(v - parts(b)[axis]));
    return b !== 13 && include(d[0] + d[1] + d[2], Math.max(...d));
  }));
}

const stack = new Uint8Array(64);
const seen = new Uint8Array(27);

/**
 * Whether deleting the centre changes no Betti number: exactly one 26-component of foreground around it, and exactly one
 * 6-component of background in the 18-neighbourhood that touches a face (Bertrand and Malandain 1994, doi 10.1016/0167-8655(94)90046-9).
 */
function isSimple(near: Uint8Array): boolean {
  if (countGroups(near) !== 1) return false;
  seen.fill(0);
  let groups = 0;
  for (const k of FACES) {
    if (near[k] || seen[k]) continue;
    if (++groups > 1) return false;
    flood(near, 0, k, NEAR6, true);
  }
  return groups === 1;
}

/** 26-components of the foreground around the centre, counted no further than 2. */
export function countGroups(near: Uint8Array): number {
  seen.fill(0);
  let groups = 0;
  for (let k = 0; k < 27; k++) {
    if (k === 13 || !near[k] || seen[k]) continue;
    if (++groups > 1) return groups;
    flood(near, 1, k, NEAR26, false);
  }
  return groups;
}

function flood(near: Uint8Array, wanted: number, start: number, neighbours: number[][], within18: boolean): void {
  let top = 0;
  stack[top++] = start;
  seen[start] = 1;
  while (top > 0) {
    const list = neighbours[stack[--top]];
    for (let n = 0; n < list.length; n++) {
      const k = list[n];
      if (seen[k] || near[k] !== wanted || (within18 && !IN_18[k])) continue;
      seen[k] = 1;
      stack[top++] = k;
    }
  }
}
