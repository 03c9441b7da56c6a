import { describe, expect, it } from 'vitest';
import { createMask, trainingTargets, type Mask } from '../src/index.js';

/** A tube of the given half width along a line through the middle of a cube. */
function tube(side: number, direction: readonly [number, number, number], halfWidth: number): Mask {
  const length = Math.hypot(...direction);
  const [dx, dy, dz] = direction.map((value) => value / length);
  const middle = (side - 1) / 2;
  const data = Uint8Array.from({ length: side ** 3 }, (_, i) => {
    const x = (i % side) - middle;
    const y = (Math.floor(i / side) % side) - middle;
    const z = Math.floor(i / side ** 2) - middle;
    const along = x * dx + y * dy + z * dz;
    return Math.hypot(x - along * dx, y - along * dy, z - along * dz) <= halfWidth ? 1 : 0;
  });
  return createMask(data, side, side, side);
}

const side = 25;
const n = side ** 3;
const middle = (n - 1) / 2;

describe('training targets of volumes', () => {
  it.each([
    [1, 0, 0],
    [0, 0, 1],
    [1, 1, 0],
    [1, -1, 1],
    [2, 1, -1],
  ] as const)('know the direction of a tube along %i, %i, %i', (...direction) => {
    const { orientation } = trainingTargets(tube(side, direction, 2));
    const length = Math.hypot(...direction);
    const [x, y, z] = direction.map((value) => value / length);
    const wanted = [x * x, y * y, z * z, x * y, x * z, y * z];
    const found = wanted.map((_, c) => orientation[c * n + middle]);
    const product = found.reduce((sum, value, c) => sum + value * wanted[c] * (c < 3 ? 1 : 2), 0);
    // cos² of the angle between both lines: within eight degrees on a grid.
    expect(product).toBeGreaterThan(Math.cos((8 * Math.PI) / 180) ** 2);
    // The trace of d dᵀ is 1 in the mask; there is no direction outside.
    expect(found[0] + found[1] + found[2]).toBeCloseTo(1, 5);
    expect(orientation[0] + orientation[n] + orientation[2 * n]).toBe(0);
  });

  it('have a tube of 27 neighbours about the centreline, and its heat and distance', () => {
    const { skeleton, tube: dilated, centreline, distance } = trainingTargets(tube(side, [1, 0, 0], 3));
    expect(skeleton[middle]).toBe(1);
    for (const step of [1, side, side * side]) expect(dilated[middle + step]).toBe(1);
    expect(centreline[middle]).toBe(1);
    expect(dilated[middle + 2 * side]).toBe(0);
    expect(centreline[middle + side]).toBeCloseTo(Math.exp(-1 / (2 * 1.5 ** 2)), 6);
    // The nearest voxel outside a disc of radius 3 lies at (1, 3).
    expect(distance[middle]).toBeCloseTo(Math.sqrt(10) / 8, 6);
  });

  it('count lengths along z by the size of a voxel', () => {
    const pixelSize = { x: 0.1, y: 0.1, z: 0.3, unit: 'um' } as const;
    const { centreline } = trainingTargets(tube(side, [1, 0, 0], 3), { pixelSize });
    expect(centreline[middle + side * side]).toBeCloseTo(Math.exp(-9 / (2 * 1.5 ** 2)), 6);
  });
});
