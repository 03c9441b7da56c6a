import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { degradationSpec, enlarge } from '@lacuna/datasets';
import { splitIntoHalves } from '../../src/explain/halves.js';
import { readNetwork, type Restorer } from '../../src/explain/read-network.js';
import { measureNetwork } from '../../src/network/measured.js';

const SIDE = 40;
const reading = { level: 0.1, smoothing: 0.5 };
/** Interpolation in place of a model. */
const restorer: Pick<Restorer, 'restore'> = {
  restore(lr) {
    const image = enlarge(lr, 2, 'bilinear');
    return Promise.resolve({ image, map: image });
  },
};

/** A bright line, a dim one just above the level, and darkness; in the first plane of a volume. */
function scan(depth = 1): Image {
  const data = Float32Array.from({ length: SIDE * SIDE * depth }, (_, i) => {
    const y = Math.floor(i / SIDE);
    if (y === 10) return 0.9;
    return y === 30 ? 0.2 : 0;
  });
  return createImage({ data, width: SIDE, height: SIDE, depth, dataRange: [0, 1], name: 'scan' });
}

async function halvesOf(lr: Image, seed = 1) {
  const { map } = await restorer.restore(lr);
  const network = measureNetwork(readNetwork(map, reading), (pixel) => map.data[pixel], {
    pixelSize: null,
    dark: false,
    name: 'scan',
  });
  const degradation = degradationSpec.parse({ kind: 'confocal', factor: 2, photons: 8, readNoise: 0 });
  const rng = createRng(seed);
  const halves = await splitIntoHalves(lr, network, {
    restorer,
    degradation,
    reading,
    tolerance: 2,
    rng,
    splits: 3,
  });
  return { network, halves };
}

describe('halves of a scan', () => {
  it.each([1, 4])(
    'both give a bright branch, and seldom one that is as bright as its noise; %d planes',
    async (depth) => {
      const { network, halves } = await halvesOf(scan(depth));
      const bright = network.branches.filter(({ meanIntensity }) => meanIntensity > 0.5).map(({ id }) => id);
      const dim = network.branches.filter(({ meanIntensity }) => meanIntensity < 0.3).map(({ id }) => id);
      expect(bright.length).toBeGreaterThan(0);
      expect(dim.length).toBeGreaterThan(0);
      for (const id of bright) expect([halves.agreement[id], halves.both[id]]).toEqual([1, 1]);
      for (const id of dim) {
        expect(halves.agreement[id]).toBeGreaterThan(0.1);
        expect(halves.agreement[id]).toBeLessThan(0.95);
      }
    },
  );
  it('are drawn from the seed alone', async () => {
    const [a, b, c] = [await halvesOf(scan(), 5), await halvesOf(scan(), 5), await halvesOf(scan(), 6)];
    expect(a.halves.agreement).toEqual(b.halves.agreement);
    expect(a.halves.agreement).not.toEqual(c.halves.agreement);
  });
});
