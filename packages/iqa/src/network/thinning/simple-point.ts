/**
 * The 26 neighbours of a voxel as bits of one number, bit x + 3 y + 9 z of the 3 x 3 x 3 block; the centre, bit 13, is
 * 0. Regions of the block grow by shifts of the whole number: a flood takes a few operations a step, whatever it
 * reaches.
 */
const ALL = (1 << 27) - 1;
const CENTRE = 1 << 13;

/** Bits whose coordinates satisfy the condition. */
function bits(include: (x: number, y: number, z: number) => boolean): number {
  let mask = 0;
  for (let k = 0; k < 27; k++) if (include(k % 3, Math.floor(k / 3) % 3, Math.floor(k / 9))) mask |= 1 << k;
  return mask;
}

const BELOW_X2 = bits((x) => x < 2);
const ABOVE_X0 = bits((x) => x > 0);
const BELOW_Y2 = bits((_, y) => y < 2);
const ABOVE_Y0 = bits((_, y) => y > 0);
const FACES = bits((x, y, z) => Math.abs(x - 1) + Math.abs(y - 1) + Math.abs(z - 1) === 1);
/** Faces and edges: the neighbourhood in which the background hangs together by faces. */
const FACES_AND_EDGES = bits((x, y, z) => [1, 2].includes(Math.abs(x - 1) + Math.abs(y - 1) + Math.abs(z - 1)));

/** Whether the foreground around the centre is one 26-component; false for none. */
export function isOneGroup(code: number): boolean {
  if (code === 0) return false;
  let region = code & -code;
  let before = 0;
  while (region !== before) {
    before = region;
    region |= ((region & BELOW_X2) << 1) | ((region & ABOVE_X0) >>> 1);
    region |= ((region & BELOW_Y2) << 3) | ((region & ABOVE_Y0) >>> 3);
    region |= (region << 9) | (region >>> 9);
    region &= code;
  }
  return region === code;
}

/**
 * Whether the background's faces hang together by faces inside the 18-neighbourhood; false if no face is background.
 */
function isOneBackground(code: number): boolean {
  const background = ~code & FACES_AND_EDGES;
  const faces = background & FACES;
  if (faces === 0) return false;
  let region = faces & -faces;
  let before = 0;
  while (region !== before) {
    before = region;
    region |=
      (((region & BELOW_X2) << 1) |
        ((region & ABOVE_X0) >>> 1) |
        ((region & BELOW_Y2) << 3) |
        ((region & ABOVE_Y0) >>> 3) |
        (region << 9) |
        (region >>> 9)) &
      background;
  }
  return (region & faces) === faces;
}

/**
 * Whether deleting the centre changes no Betti number: exactly one 26-component of foreground around it, and exactly
 * one 6-component of background in the 18-neighbourhood that touches a face (Bertrand and Malandain 1994, doi
 * 10.1016/0167-8655(94)90046-9).
 * @param code neighbours as bits x + 3 y + 9 z; the centre's bit is ignored.
 */
export function isSimplePoint(code: number): boolean {
  const around = code & ALL & ~CENTRE;
  const slot = Math.imul(around, 0x9e3779b1) >>> 16;
  const known = REMEMBERED[slot];
  if (known >> 1 === around) return (known & 1) === 1;
  const simple = isOneBackground(around) && isOneGroup(around);
  REMEMBERED[slot] = (around << 1) | Number(simple);
  return simple;
}

/**
 * Answers of late, code and answer in one number: of the 2^26 neighbourhoods smooth shapes show the same few again and
 * again.
 */
const REMEMBERED = new Int32Array(1 << 16).fill(-1);
