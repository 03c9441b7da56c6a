import { describe, expect, it } from 'vitest';
import { createRng } from '@lacuna/core';
import { createMask, distanceToMask } from '../src/index.js';
import { nearMask } from '../src/network/distance/near-mask.js';

describe('nearMask', () => {
  it.each([
    ['a plane', 1, { x: 1, y: 1 }, 2],
    ['a plane', 1, { x: 1, y: 1 }, 0],
    ['a volume', 9, { x: 1, y: 1, z: 1 }, 2.5],
    ['a volume of other voxels', 9, { x: 0.2, y: 0.2, z: 0.4 }, 0.4],
    ['a volume of other voxels', 9, { x: 0.1, y: 0.1, z: 0.3 }, 0.3],
  ] as const)(
    'of %s (%i planes, spacing %o) within %f is what the distance transform says',
    (_, depth, spacing, limit) => {
      const rng = createRng(depth);
      const data = Uint8Array.from({ length: 17 * 13 * depth }, () => (rng.uniform() < 0.02 ? 1 : 0));
      const mask = createMask(data, 17, 13, depth);
      const isNear = nearMask(mask, limit, spacing);
      const distances = distanceToMask(mask, { spacing });
      distances.forEach((distance, i) => expect(isNear(i), `pixel ${i}`).toBe(distance <= limit));
    },
  );
});
