import { requirePlane, type Mask } from '../../mask.js';
import type { Kernel } from '@lacuna/core/wasm';
import { LANES, makeThinKernel, type ThinKernel } from './kernels/thin-kernel.js';

/**
 * Neighbourhoods that may be deleted, by the bits NW 1, N 2, NE 4, E 8, SE 16, S 32, SW 64, W 128: in the first half of
 * an iteration, in the second, in both. Zhang and Suen's rule (1984, doi 10.1145/357994.358023) with the 25 changes by
 * which scikit-image's `skeletonize(method='zhang')` keeps diagonals connected and staircases one pixel thin.
 */
const FIRST = [3, 6, 11, 12, 14, 131, 134, 143, 159, 161, 194, 198, 207, 227, 231, 243];
const SECOND = [24, 26, 56, 62, 63, 96, 104, 108, 126, 176, 192, 224, 248, 249, 252];
const BOTH = [7, 10, 15, 28, 30, 31, 40, 60, 112, 120, 124, 130, 135, 160, 193, 195, 199, 225, 240, 241];

/** Orders of the bits with the fewest nodes, 34, of all 40,320. */
export const RULES = {
  first: { deletable: [...FIRST, ...BOTH], order: [1, 2, 5, 4, 6, 0, 3, 7] },
  second: { deletable: [...SECOND, ...BOTH], order: [1, 5, 6, 0, 2, 4, 3, 7] },
};

let kernel: Kernel<ThinKernel> | undefined;

/** Rows that are packed at a time. */
const STRIPE = 16;

/**
 * Thins a plane to lines one pixel wide, bit for bit as scikit-image's Zhang method. Outside the image is background.
 *
 * A pixel is one bit, and 128 of them are judged at once; after the first look, a half iteration judges only vectors in
 * which, or beside which, a pixel went since it last looked.
 * @throws {InputError} for a volume.
 */
export function thinZhang(mask: Mask): Mask {
  requirePlane('thinZhang', mask);
  const { width, height } = mask;
  const vectors = Math.ceil(width / LANES);
  const padded = vectors * LANES;
  // A vector of background parts the rows; the line above the first and the line below the last are background too.
  const stride = 16 * (vectors + 1);
  const stampStride = 4 * (vectors + 4);
  const lines = [16, 16 + stride];
  const bits = 16 + 2 * stride;
  const first = bits + stride;
  const stamps = bits + (height + 2) * stride;
  const firstStamp = stamps + stampStride + 4;
  const bytes = stamps + (height + 2) * stampStride + 16;
  const end = bytes + STRIPE * padded;
  const { functions, buffer } = (kernel ??= makeThinKernel(RULES)).reserve(end);
  const memory = new Uint8Array(buffer);
  memory.fill(0, 0, end);
  for (let y = 0; y < height; y++) {
    memory.set(mask.data.subarray(y * width, (y + 1) * width), bytes);
    functions.pack(bytes, first + y * stride, padded);
  }
  for (let now = 1, quiet = 0; quiet < 2; now++) {
    const half = now % 2 ? functions.first : functions.second;
    memory.fill(0, lines[1], lines[1] + stride);
    let changed = 0;
    for (let y = 0; y < height; y++)
      changed += half(
        first + y * stride,
        lines[(y + 1) % 2],
        lines[y % 2],
        firstStamp + y * stampStride,
        vectors,
        stride,
        stampStride,
        now,
      );
    quiet = changed ? 0 : quiet + 1;
  }
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    functions.unpack(first + y * stride, bytes, padded);
    data.set(memory.subarray(bytes, bytes + width), y * width);
  }
  return { data, width, height, depth: 1 };
}
