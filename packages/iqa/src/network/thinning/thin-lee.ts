import { padMask, type Mask } from '../../mask.js';
import { contributions } from '../topology/betti.js';
import { isOneGroup } from './simple-point.js';
import { asVolume, unpad } from './thin-volume.js';

/** What each 2 x 2 x 2 cell adds to 8 times the Euler number. */
const EULER = contributions('full');

/**
 * Thinning by Lee, Kashyap and Chu (1994, doi 10.1006/cgip.1994.1042), bit for bit as scikit-image's
 * `skeletonize(method='lee')`: kept for comparison with published work. Its second look at each voxel leaves out the
 * Euler number and the line ends, so it erases straight tubes of even width and may change the topology of volumes;
 * {@link thinVolume} does not.
 */
export function thinLee(mask: Mask): Mask {
  const padded = padMask(mask.depth > 1 ? mask : asVolume(mask), 1);
  const { data, width: w, height: h } = padded;
  const plane = w * h;
  const offsets = new Int32Array(27);
  for (let k = 0; k < 27; k++)
    offsets[k] = (k % 3) - 1 + ((Math.floor(k / 3) % 3) - 1) * w + (Math.floor(k / 9) - 1) * plane;
  const near = new Uint8Array(27);
  const look = (i: number): number => {
    let count = 0;
    for (let k = 0; k < 27; k++) count += near[k] = data[i + offsets[k]];
    return count;
  };
  let active: number[] = [];
  for (let i = 0; i < data.length; i++) if (data[i]) active.push(i);
  const directions = mask.depth > 1 ? [-w, w, 1, -1, plane, -plane] : [-w, w, 1, -1];
  for (let unchanged = 0; unchanged < directions.length;) {
    unchanged = 0;
    for (const direction of directions) {
      const candidates = active.filter(
        (i) => data[i + direction] === 0 && look(i) !== 2 && keepsEuler(near) && hangsTogether(near),
      );
      let changed = false;
      for (const i of candidates) {
        look(i);
        if (!hangsTogether(near)) continue;
        data[i] = 0;
        changed = true;
      }
      if (changed) active = active.filter((i) => data[i]);
      else unchanged++;
    }
  }
  return unpad(padded, mask);
}

/** Whether deleting the centre leaves the Euler number as it is: summed over the eight corners of the centre voxel. */
function keepsEuler(near: Uint8Array): boolean {
  let change = 0;
  for (let corner = 0; corner < 8; corner++) {
    const base = (corner & 1) + 3 * ((corner >> 1) & 1) + 9 * (corner >> 2);
    const code =
      near[base] |
      (near[base + 1] << 1) |
      (near[base + 3] << 2) |
      (near[base + 4] << 3) |
      (near[base + 9] << 4) |
      (near[base + 10] << 5) |
      (near[base + 12] << 6) |
      (near[base + 13] << 7);
    // The centre is the cell's pixel opposite to the corner.
    change += EULER[code] - EULER[code & ~(1 << (7 - corner))];
  }
  return change === 0;
}

/** Whether the neighbours are at most one 26-component. */
function hangsTogether(near: Uint8Array): boolean {
  let code = 0;
  for (let k = 0; k < 27; k++) if (k !== 13) code |= near[k] << k;
  return code === 0 || isOneGroup(code);
}
