import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import {
  degradationSpec,
  degrade,
  enlarge,
  filterPlanes,
  forwardKernels,
  gaussianKernel,
  imresize,
  type DegradationSpec,
} from '../src/index.js';

function randomImage(width: number, height: number, seed = 1): Image {
  const rng = createRng(seed);
  return createImage({
    data: Float32Array.from({ length: width * height }, () => rng.uniform()),
    width,
    height,
    dataRange: [0, 1],
    pixelSize: { x: 0.1, y: 0.1, unit: 'um' },
    name: 'random',
  });
}

const flipX = (image: Image): Image => ({
  ...image,
  data: image.data.map((_, i) => image.data[i - (i % image.width) + image.width - 1 - (i % image.width)]),
});
const withoutNoise = {
  confocal: { psfSigmaPx: 1, photons: null, readNoise: 0 },
  ct: { noise: 0 },
  bicubic: {},
};
const quiet = (kind: keyof typeof withoutNoise, factor: number): DegradationSpec =>
  degradationSpec.parse({ kind, factor, ...withoutNoise[kind] });
const cases = (['confocal', 'ct', 'bicubic'] as const).flatMap((kind) =>
  [2, 3, 4, 8].map((factor) => [kind, factor] as const),
);

/**
 * MATLAB's imresize along one axis, by its definition as an operator: the continuous reconstruction f(u) = sum_j x_j
 * h(u - j) with the cubic kernel stretched by 1/scale when shrinking, over the image extended by reflection about its
 * edges, taken where the coarse pixel's centre falls (1-based u = i/scale + (1 - 1/scale)/2) and divided by the sum of
 * the weights. Dense matrix, float64, no windows and no index tables.
 */
function resizeMatrix(length: number, scale: number): number[][] {
  const stretch = Math.min(1, scale);
  const out = Math.ceil(length * scale - 1e-9);
  const h = (t: number) => {
    const a = Math.abs(t);
    if (a <= 1) return 1 + a * a * (-2.5 + 1.5 * a);
    return a <= 2 ? 2 + a * (-4 + a * (2.5 - 0.5 * a)) : 0;
  };
  return Array.from({ length: out }, (_, row) => {
    const u = (row + 1) / scale + 0.5 * (1 - 1 / scale);
    const weights = new Array<number>(length).fill(0);
    let sum = 0;
    for (let j = 1 - length; j <= 2 * length; j++) {
      const weight = stretch * h(stretch * (u - j));
      let mirrored = j;
      if (j < 1) mirrored = 1 - j;
      else if (j > length) mirrored = 2 * length + 1 - j;
      weights[mirrored - 1] += weight;
      sum += weight;
    }
    return weights.map((weight) => weight / sum);
  });
}

describe('imresize', () => {
  it.each([[1 / 2], [1 / 3], [1 / 4], [1 / 8], [2], [3], [4], [8]])("is MATLAB's at scale %f to 1e-6", (scale) => {
    const image = randomImage(48, 24);
    const rows = resizeMatrix(24, scale);
    const columns = resizeMatrix(48, scale);
    const actual = imresize(image, scale);
    expect([actual.width, actual.height]).toEqual([columns.length, rows.length]);
    let worst = 0;
    rows.forEach((row, y) =>
      columns.forEach((column, x) => {
        let sum = 0;
        row.forEach((v, j) => {
          if (v !== 0)
            column.forEach((u, i) => {
              sum += v * u * image.data[j * 48 + i];
            });
        });
        worst = Math.max(worst, Math.abs(sum - actual.data[y * actual.width + x]));
      }),
    );
    expect(worst).toBeLessThan(1e-6);
  });

  it('has the antialiased weights of a halving: the cubic at odd quarters', () => {
    const impulse = createImage({ width: 16, height: 1, dataRange: [0, 1] });
    impulse.data[8] = 1;
    // By hand: h(0.25)/2 = 0.43359375, h(0.75)/2 = 0.11328125, h(1.25)/2 = -0.03515625, h(1.75)/2 = -0.01171875 (sum of
    // all eight: 1).
    expect([...imresize({ ...impulse, data: impulse.data }, 0.5).data].slice(2, 7)).toEqual(
      [-0.01171875, 0.11328125, 0.43359375, -0.03515625, 0].map((value) => expect.closeTo(value, 7)),
    );
  });
});

describe.each(cases)('%s x%i', (kind, factor) => {
  const spec = quiet(kind, factor);
  const rng = createRng(0);

  it('is centred: degrading commutes with a flip', () => {
    const image = randomImage(factor * 12, factor * 10);
    const a = degrade(flipX(image), spec, rng).data;
    const b = flipX(degrade(image, spec, rng)).data;
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeLessThan(1e-6);
  });

  it('keeps a constant, and a ramp stays where it is', () => {
    const ramp = createImage({
      data: Float32Array.from({ length: factor * 24 * factor * 24 }, (_, i) => (i % (factor * 24)) / (factor * 24)),
      width: factor * 24,
      height: factor * 24,
      dataRange: [0, 1],
    });
    const lr = degrade(ramp, spec, rng);
    // LR pixel i lies at HR pixel i·factor + (factor - 1) / 2.
    for (let i = 8; i < 16; i++)
      expect(lr.data[12 * 24 + i]).toBeCloseTo((i * factor + (factor - 1) / 2) / (factor * 24), 5);
    const back = enlarge(lr, factor, 'bicubic');
    for (let x = 8 * factor; x < 16 * factor; x++)
      expect(back.data[12 * factor * back.width + x]).toBeCloseTo(ramp.data[x], 5);
  });

  it('is its forward kernel away from the edges', () => {
    const image = randomImage(factor * 16, factor * 16);
    const { x, y, z } = forwardKernels(spec as Exclude<DegradationSpec, { kind: 'blind' }>, image.pixelSize);
    expect(x.kernel.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    expect([y, z]).toEqual([x, null]);
    const a = degrade(image, spec, rng);
    const b = filterPlanes(image, x, factor);
    for (let y = 5; y < 11; y++)
      for (let x = 5; x < 11; x++) expect(a.data[y * 16 + x]).toBeCloseTo(b.data[y * 16 + x], 6);
  });

  it('makes pixels larger and says so', () => {
    expect(degrade(randomImage(factor * 8, factor * 8), spec, rng).pixelSize!.x).toBeCloseTo(0.1 * factor, 12);
  });
});

describe('filterPlanes', () => {
  it('is the sum that it says, edges repeated, on every plane and channel', () => {
    const rng = createRng(3);
    const image = createImage({
      data: Float32Array.from({ length: 7 * 6 * 2 * 2 }, () => rng.uniform()),
      width: 7,
      height: 6,
      depth: 2,
      channels: 2,
      dataRange: [0, 1],
    });
    const kernel = { kernel: [0.5, -1, 2, 0.25], offset: -2 };
    const out = filterPlanes(image, kernel, 2);
    const clamp = (i: number, n: number) => Math.min(n - 1, Math.max(0, i));
    for (let z = 0; z < 2; z++)
      for (let y = 0; y < 3; y++)
        for (let x = 0; x < 3; x++)
          for (let c = 0; c < 2; c++) {
            let sum = 0;
            kernel.kernel.forEach((p, i) =>
              kernel.kernel.forEach((q, j) => {
                sum += p * q * image.data[((z * 6 + clamp(2 * y - 2 + i, 6)) * 7 + clamp(2 * x - 2 + j, 7)) * 2 + c];
              }),
            );
            expect(out.data[((z * 3 + y) * 3 + x) * 2 + c]).toBeCloseTo(sum, 5);
          }
  });

  it('has a Gaussian of the right width between pixels too', () => {
    for (const centre of [0, 0.5, 1.5, 3.5]) {
      const { kernel, offset } = gaussianKernel(1.3, centre);
      const mean = kernel.reduce((sum, value, k) => sum + value * (offset + k), 0);
      const variance = kernel.reduce((sum, value, k) => sum + value * (offset + k - mean) ** 2, 0);
      expect(mean).toBeCloseTo(centre, 10);
      // Cut at 4 sigma: a thousandth of the variance is lost.
      expect(variance / 1.69).toBeGreaterThan(0.998);
      expect(variance / 1.69).toBeLessThan(1.0001);
    }
  });
});

describe('noise', () => {
  const flat = createImage({ data: new Float32Array(512 * 512).fill(0.5), width: 512, height: 512, dataRange: [0, 1] });
  const moments = (data: Float32Array) => {
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    return { mean, variance: data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length };
  };

  it('of a confocal scan is that of photons and the reader', () => {
    const { mean, variance } = moments(
      degrade(
        flat,
        degradationSpec.parse({
          kind: 'confocal',
          factor: 2,
          psfSigmaPx: 1,
          photons: 60,
          readNoise: 0.02,
          background: 0.1,
        }),
        createRng(7),
      ).data,
    );
    // 65,536 pixels: standard errors 0.0004 of the mean and 0.6 % of the variance; five of each.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.002);
    expect(Math.abs(variance / (0.6 / 60 + 0.02 ** 2) - 1)).toBeLessThan(0.03);
  });

  it('of CT has the asked strength and is shared by neighbours', () => {
    const { data } = degrade(
      flat,
      degradationSpec.parse({ kind: 'ct', factor: 2, noise: 0.05, noiseSigmaPx: 1 }),
      createRng(7),
    );
    const { mean, variance } = moments(data);
    expect(Math.abs(Math.sqrt(variance) / 0.05 - 1)).toBeLessThan(0.05);
    let shared = 0;
    for (let i = 0; i + 1 < data.length; i++) shared += (data[i] - mean) * (data[i + 1] - mean);
    // Two Gaussians of sigma 1, one pixel apart: correlation exp(-1/4) = 0.78.
    expect(Math.abs(shared / data.length / variance - 0.78)).toBeLessThan(0.05);
  });

  it('is the same for the same seed alone', () => {
    const spec = degradationSpec.parse({ kind: 'confocal', factor: 4 });
    const image = randomImage(32, 32);
    expect(degrade(image, spec, createRng(1)).data).toEqual(degrade(image, spec, createRng(1)).data);
    expect(degrade(image, spec, createRng(2)).data).not.toEqual(degrade(image, spec, createRng(1)).data);
  });

  it('draws rings about the centre', () => {
    const lr = degrade(flat, degradationSpec.parse({ kind: 'ct', factor: 4, noise: 0, rings: 0.1 }), createRng(5));
    expect(moments(lr.data).variance).toBeGreaterThan(1e-4);
    expect(flipX(lr).data).toEqual(lr.data);
  });
});

describe('degrade, bad input', () => {
  it('names the crop for a factor that does not fit', () => {
    expect(() => degrade(randomImage(30, 33), quiet('ct', 4), createRng(0))).toThrow(
      'degrade random: got 30 x 33 with factor 4, wanted a size divisible by 4; crop to 28 x 32',
    );
  });

  it('wants a pixel size for optics', () => {
    expect(() =>
      degrade(randomImage(32, 32), degradationSpec.parse({ kind: 'confocal', factor: 4, optics: {} }), createRng(0)),
    ).not.toThrow();
    expect(() =>
      degrade(
        { ...randomImage(32, 32), pixelSize: null },
        degradationSpec.parse({ kind: 'confocal', factor: 4, optics: {} }),
        createRng(0),
      ),
    ).toThrow(
      'degradation confocal: got optics without a pixel size, wanted the pixel size in the file or in ' +
        'data.pixelSize; or give degradation.psfSigmaPx',
    );
    expect(() =>
      degrade(
        { ...randomImage(32, 32), pixelSize: { x: 0, y: 0, unit: 'um' } },
        degradationSpec.parse({ kind: 'confocal', factor: 4, optics: {} }),
        createRng(0),
      ),
    ).toThrow(
      'degradation confocal: got a pixel size of 0 um, wanted a positive length; say the true one in data.pixelSize',
    );
  });
});
