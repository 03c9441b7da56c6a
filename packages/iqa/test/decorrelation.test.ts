import { describe, expect, it } from 'vitest';
import { decorrelation } from '../src/index.js';
import { holds } from './conformance.js';
import { paint } from './draw.js';
import { readGolden, unpackGrid, type Packed } from './golden.js';

interface Case {
  name: string;
  image: Packed;
  cutOff: number;
  snr: number;
}

describe.each(readGolden<Case>('decorrelation'))(
  'decorrelation analysis against plain NumPy: $name',
  ({ name, image, cutOff, snr }) => {
    const ours = decorrelation(unpackGrid(image));
    it('cut-off and height within 1e-9', () => {
      holds('decorrelation_resolution', 'NumPy', Math.abs(ours.cutOff - cutOff), 1e-9);
      holds('decorrelation_resolution', 'NumPy', Math.abs(ours.snr - snr), 1e-9);
    });
    if (name.startsWith('lens')) {
      const truth = Number(name.slice(5));
      // Noise of 1 % hides the last of the lens's band, where its transfer falls to 0.
      it('finds the lens, up to the noise', () => {
        expect(ours.cutOff).toBeGreaterThan(0.75 * truth);
        expect(ours.cutOff).toBeLessThan(1.02 * truth);
        expect(ours.resolution).toBeCloseTo(2 / ours.cutOff, 12);
      });
    }
    if (name === 'white noise')
      it('has no resolution', () => expect(ours).toMatchObject({ resolution: null, cutOff: 0, flag: 'no resolution' }));
  },
);

/** Steps of the first search. */
const step = 1 / 49;
it.each(
  readGolden<{ measure: string; name: string; sha256: string; resolution: number }>('nanopyx').filter(
    ({ measure }) => measure === 'decorrelation',
  ),
)("NanoPyx, a port of the authors' plugin, within one radius step: $name", ({ name, sha256, resolution }) => {
  const { image } = readGolden<Case>('decorrelation').find((c) => c.name === name)!;
  expect(image.sha256).toBe(sha256);
  holds(
    'decorrelation_resolution: cut-off',
    "NanoPyx, port of the authors' plugin",
    Math.abs(decorrelation(unpackGrid(image)).cutOff - 2 / resolution),
    1.001 * step,
  );
});

describe('decorrelation', () => {
  it('a constant image has none, whatever its value', () => {
    for (const value of [0, 0.3, 65535])
      expect(decorrelation(paint(64, 50, () => value))).toMatchObject({ resolution: null, flag: 'no resolution' });
  });

  it('refuses volumes, small images and values that are not finite', () => {
    expect(() => decorrelation(paint(44, 60, () => 1))).toThrow(
      'decorrelation: got 44 x 60, wanted a plane of at least 45 x 45',
    );
    expect(() => decorrelation(paint(64, 64, (x) => (x === 3 ? NaN : 1)))).toThrow(
      'decorrelation: got NaN in the image at index 3',
    );
  });
});
