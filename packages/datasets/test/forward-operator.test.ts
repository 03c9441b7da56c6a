import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image, type PixelSize } from '@lacuna/core';
import {
  confocalPsf,
  degrade,
  degradationSpec,
  factorsOf,
  forwardKernels,
  forwardOperator,
  imresize,
  opticsSpec,
  planDegradation,
  type DegradationSpec,
} from '../src/index.js';

const anisotropic: PixelSize = { x: 0.1, y: 0.15, z: 0.4, unit: 'um' };

function random(width: number, height: number, depth = 1, seed = 1, channels = 1): Image {
  const rng = createRng(seed);
  return createImage({
    data: Float32Array.from({ length: width * height * depth * channels }, () => rng.uniform()),
    width,
    height,
    depth,
    channels,
    dataRange: [0, 1],
    pixelSize: depth > 1 ? anisotropic : { x: 0.1, y: 0.15, unit: 'um' },
    name: 'random',
  });
}

const dot = (a: Image, b: Image) => a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);
const flat = 'flat';
const volume = 'volume';
const cases: [string, unknown, typeof flat | typeof volume, number[]][] = [
  ['confocal, odd', { kind: 'confocal', factor: 3 }, flat, [21, 15, 1]],
  ['confocal, optics of unequal pixels', { kind: 'confocal', factor: { x: 4, y: 2 }, optics: {} }, flat, [20, 14, 1]],
  ['confocal in 3D', { kind: 'confocal', factor: { x: 2, y: 3, z: 2 }, optics: {} }, volume, [14, 9, 6]],
  ['confocal planes', { kind: 'confocal', factor: 2 }, volume, [10, 6, 3]],
  ['ct, odd', { kind: 'ct', factor: 5 }, flat, [25, 15, 1]],
  ['ct in 3D', { kind: 'ct', factor: { x: 3, y: 3, z: 3 }, psfFwhmUm: 0.4 }, volume, [9, 15, 9]],
  [
    'ct, PSF of each axis',
    { kind: 'ct', factor: { x: 2, z: 4 }, psfSigmaPx: { x: 1, y: 0.5, z: 2 } },
    volume,
    [8, 7, 8],
  ],
  ['bicubic, odd', { kind: 'bicubic', factor: 3 }, flat, [9, 27, 1]],
  ['bicubic in 3D', { kind: 'bicubic', factor: { x: 4, y: 2, z: 3 } }, volume, [12, 8, 9]],
  ...[0, 1, 2, 3, 4, 5].map((seed): [string, unknown, typeof flat | typeof volume, number[]] => [
    `blind, draw ${seed}`,
    { kind: 'blind', factor: seed % 2 === 0 ? 3 : { x: 2, y: 4, z: 2 } },
    seed % 2 === 0 ? flat : volume,
    seed % 2 === 0 ? [21, 15, 1] : [8, 12, 6],
  ]),
];

describe.each(cases)('%s', (name, given, _, [width, height, depth]) => {
  const spec = degradationSpec.parse(given);
  const hr = random(width, height, depth);
  const rng = createRng(name.length + Number(name.at(-1)) || 1);
  const operator = forwardOperator(spec, hr, rng);

  it("has its adjoint: <Ax, y> = <x, A'y>", () => {
    const lr = operator.apply(hr);
    const y = random(lr.width, lr.height, lr.depth, 7);
    const back = operator.adjoint(y);
    expect([back.width, back.height, back.depth]).toEqual([width, height, depth]);
    // Both sides are sums of float32 intermediates: 24 bits each.
    expect(Math.abs(dot(lr, y) / dot(hr, back) - 1)).toBeLessThan(2e-6);
  });

  it('keeps a constant, and says the pixel size', () => {
    const constant = operator.apply({ ...hr, data: hr.data.map(() => 0.7) });
    const factors = factorsOf(spec);
    const size = constant.pixelSize!;
    for (const value of constant.data) expect(value).toBeCloseTo(0.7, 5);
    expect([size.x, size.y, size.z ?? null]).toEqual([
      0.1 * factors.x,
      0.15 * factors.y,
      depth > 1 ? 0.4 * factors.z : null,
    ]);
  });

  it('degrades the same in blocks as in one piece, noise included', () => {
    const noisy = { ...hr, channels: 1 };
    const plan = planDegradation(spec, noisy, rng);
    const whole = degrade(hr, spec, rng);
    for (let z = 0; z < plan.to.depth; z++) {
      for (let y = 0; y < plan.to.height; y += 2) {
        const block = { z, depth: 1, y, height: Math.min(2, plan.to.height - y) };
        const need = plan.need(block);
        const values: number[] = [];
        for (let plane = need.z; plane < need.z + need.depth; plane++)
          values.push(
            ...hr.data.subarray((plane * height + need.y) * width, (plane * height + need.y + need.height) * width),
          );
        const from = (z * plan.to.height + y) * plan.to.width;
        expect(plan.run(block, Float32Array.from(values))).toEqual(
          whole.data.slice(from, from + block.height * plan.to.width),
        );
      }
    }
  });
});

describe('what a degradation does without noise', () => {
  it.each([
    { kind: 'confocal', factor: 4, photons: null, readNoise: 0 },
    { kind: 'ct', factor: 4, noise: 0 },
    { kind: 'bicubic', factor: 4 },
  ])('is the operator: $kind', (given) => {
    const spec = degradationSpec.parse(given);
    const hr = random(32, 24);
    expect(degrade(hr, spec, createRng(1)).data).toEqual(forwardOperator(spec, hr).apply(hr).data);
  });

  it.each([2, 3, 4, 5, 8])('bicubic by %i is imresize, edges included', (factor) => {
    const hr = random(factor * 7, factor * 5);
    const a = forwardOperator(degradationSpec.parse({ kind: 'bicubic', factor }), hr).apply(hr).data;
    const b = imresize(hr, 1 / factor).data;
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeLessThan(1e-6);
  });

  it('along z is what the planes of a turned volume get', () => {
    const cube = random(8, 8, 8);
    const turned = { ...cube, data: cube.data.map((_, i) => cube.data[(i & 7) * 64 + (i & 56) + (i >> 6)]) };
    const along = (factor: object, image: Image) =>
      forwardOperator(degradationSpec.parse({ kind: 'ct', factor, psfSigmaPx: { x: 1, y: 1, z: 1 } }), image).apply(
        image,
      );
    const a = along({ z: 4 }, cube);
    const b = along({ x: 4 }, turned);
    expect([a.depth, b.width]).toEqual([2, 2]);
    for (let z = 0; z < 2; z++)
      for (let y = 0; y < 8; y++)
        for (let x = 0; x < 8; x++) expect(a.data[(z * 8 + y) * 8 + x]).toBeCloseTo(b.data[(x * 8 + y) * 2 + z], 6);
  });
});

/**
 * Intensity of the confocal PSF at radius r and defocus z (µm), by brute force: scalar paraxial pupil, product of
 * excitation and pinhole's detection.
 */
function halfWidth(na: number, wavelengthUm: number, pinholeAiry: number): number {
  const k = (2 * Math.PI * na) / wavelengthUm;
  const radius = (pinholeAiry * 0.61 * wavelengthUm) / na;
  const steps = 60;
  const j1 = (x: number) =>
    Array.from({ length: 64 }, (_, i) => ((i + 0.5) * Math.PI) / 64).reduce(
      (sum, t) => sum + Math.cos(t - x * Math.sin(t)),
      0,
    ) / 64;
  const airy = (r: number) => (r < 1e-9 ? 1 : ((2 * j1(k * r)) / (k * r)) ** 2);
  const detected = (r: number) => {
    if (radius === 0) return airy(r);
    let sum = 0;
    for (let i = 0; i < steps; i++)
      for (let a = 0; a < 24; a++) {
        const rho = ((i + 0.5) * radius) / steps;
        const angle = ((a + 0.5) * Math.PI) / 24;
        sum += airy(Math.sqrt(r * r + rho * rho - 2 * r * rho * Math.cos(angle))) * rho;
      }
    return sum;
  };
  const psf = (r: number) => airy(r) * detected(r);
  const half = psf(0) / 2;
  let low = 0;
  let high = wavelengthUm;
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (psf(middle) > half) low = middle;
    else high = middle;
  }
  return low + high;
}

describe('confocal optics', () => {
  const fwhm = 2 * Math.sqrt(2 * Math.LN2);
  const psf = (options: object) => confocalPsf(opticsSpec.parse(options));
  it('has the width of the diffraction integral at small pinholes and at one Airy unit', () => {
    for (const pinholeAiry of [0, 0.3, 0.6, 1]) {
      const exact = 1000 * halfWidth(1.3, 0.561, pinholeAiry);
      // A Gaussian matched at the centre is up to a tenth off in width.
      expect(Math.abs((fwhm * psf({ pinholeAiry }).lateral) / exact - 1), `${pinholeAiry} Airy units`).toBeLessThan(
        0.12,
      );
    }
  });
  // Measured PSFs are 500 to 700 nm deep: the theory knows no aberrations.
  it('is 200 to 230 nm wide and 400 to 550 nm deep at NA 1.3 to 1.4, 561 nm and one Airy unit', () => {
    for (const numericalAperture of [1.3, 1.4]) {
      const { lateral, axial } = psf({ numericalAperture });
      expect(fwhm * lateral).toBeGreaterThan(200);
      expect(fwhm * lateral).toBeLessThan(230);
      expect(fwhm * axial).toBeGreaterThan(400);
      expect(fwhm * axial).toBeLessThan(550);
    }
  });
  it('narrows with the pinhole, by √2 at most', () => {
    const wide = psf({ pinholeAiry: 5 });
    const one = psf({ pinholeAiry: 1 });
    const half = psf({ pinholeAiry: 0.5 });
    const point = psf({ pinholeAiry: 0 });
    expect(wide.lateral).toBe(one.lateral);
    expect(half.lateral).toBeLessThan(one.lateral);
    expect([wide.lateral / point.lateral, wide.axial / point.axial].map((ratio) => ratio < Math.SQRT2 + 1e-9)).toEqual([
      true,
      true,
    ]);
    expect(wide.lateral / point.lateral).toBeCloseTo(Math.SQRT2, 9);
    expect(half.axial).toBeLessThan(one.axial);
  });
  it('is in pixels of each axis', () => {
    const spec = degradationSpec.parse({ kind: 'confocal', factor: 2, optics: {} }) as Extract<
      DegradationSpec,
      { kind: 'confocal' }
    >;
    const spread = ({ kernel, offset }: { kernel: readonly number[]; offset: number }) =>
      Math.sqrt(
        kernel.reduce((sum, w, k) => sum + w * (offset + k) ** 2, 0) -
          kernel.reduce((sum, w, k) => sum + w * (offset + k), 0) ** 2,
      );
    const fine = forwardKernels(spec, { x: 0.05, y: 0.1, z: 0.1, unit: 'um' });
    expect(spread(fine.x) / spread(fine.y)).toBeCloseTo(2, 1);
    expect(spread(fine.z!)).toBeGreaterThan(2 * spread(fine.y));
  });
});

describe('optional parts of a scan', () => {
  const even = createImage({ data: new Float32Array(64 * 64).fill(0.5), width: 64, height: 64, dataRange: [0, 1] });
  const quiet = { kind: 'confocal', factor: 2, photons: null, readNoise: 0 };
  it('bleaching takes its share by the last line', () => {
    const { data } = degrade(even, degradationSpec.parse({ ...quiet, bleaching: 0.4 }), createRng(1));
    expect(data[0]).toBeCloseTo(0.5, 6);
    expect(data.at(-1)).toBeCloseTo(0.3, 6);
  });
  it('jitter moves whole lines, by its standard deviation', () => {
    // A ramp of 0.01 a pixel shows where each line was: 32 lines, standard error an eighth.
    const ramp = { ...even, data: even.data.map((_, i) => (i % 64) / 100) };
    const still = degrade(ramp, degradationSpec.parse(quiet), createRng(1));
    const moved = degrade(ramp, degradationSpec.parse({ ...quiet, jitterPx: 1 }), createRng(1));
    const shifts = Array.from({ length: 32 }, (_, y) => 100 * (moved.data[y * 32 + 16] - still.data[y * 32 + 16]));
    expect(Math.sqrt(shifts.reduce((sum, s) => sum + s * s, 0) / 32)).toBeGreaterThan(0.6);
    expect(Math.sqrt(shifts.reduce((sum, s) => sum + s * s, 0) / 32)).toBeLessThan(1.5);
    for (let y = 0; y < 32; y++)
      expect(100 * (moved.data[y * 32 + 12] - still.data[y * 32 + 12])).toBeCloseTo(shifts[y], 3);
  });
  it('blind says what it drew: the same for a seed, other orders for others', () => {
    const spec = degradationSpec.parse({ kind: 'blind', factor: 2 });
    const steps = (seed: number) =>
      planDegradation(spec, { ...even, name: 'even', pixelSize: null }, createRng(seed)).steps;
    expect(steps(3)).toEqual(steps(3));
    expect(steps(3)).toHaveLength(3);
    const kinds = new Set(
      Array.from({ length: 20 }, (_, seed) =>
        steps(seed)
          .map((step) => /^Gaussian|coarse pixel/.exec(step)?.[0] ?? 'noise')
          .join(' '),
      ),
    );
    expect(kinds.size).toBeGreaterThan(3);
    expect(steps(3).join('; ')).toMatch(/Gaussian of \d\.\d\d, \d\.\d\d px/);
  });
});

describe('specs', () => {
  const problem = (schema: typeof degradationSpec | typeof degradationSpec, given: unknown) =>
    schema.safeParse(given).error?.issues[0]?.message;
  it('say what they want', () => {
    expect(problem(degradationSpec, { kind: 'ct', factor: 'two' })).toContain('wanted a whole number from 2 to 16');
    expect(problem(degradationSpec, { kind: 'ct', factor: { x: 1 } })).toContain(
      'at least one axis must become coarser',
    );
    expect(problem(degradationSpec, { kind: 'confocal', factor: 2, optics: { numericalAperture: 1.6 } })).toBe(
      'the numerical aperture must be below the refractive index',
    );
    expect(problem(degradationSpec, { kind: 'confocal', factor: 2, psfSigmaPx: 'wide' })).toBe(
      'wanted one number for x and y, or {x: , y: , z: }',
    );
    expect(problem(degradationSpec, { kind: 'blind', factor: 2, sigmaPx: [2, 1] })).toBe(
      'the second number must not be below the first',
    );
  });
  it('refuse what does not fit an image', () => {
    expect(() =>
      degrade(random(8, 8), degradationSpec.parse({ kind: 'ct', factor: { x: 2, z: 2 } }), createRng(0)),
    ).toThrow('degrade random: got a factor of 2 along z for one plane, wanted a volume; leave out the factor along z');
    expect(() =>
      degrade(random(8, 9, 5), degradationSpec.parse({ kind: 'ct', factor: { x: 2, y: 2, z: 2 } }), createRng(0)),
    ).toThrow(
      'degrade random: got 8 x 9 x 5 with factor 2, 2, 2, wanted a size divisible by 2, 2, 2; crop to 8 x 8 x 4',
    );
    expect(() => degrade(random(3, 3), degradationSpec.parse({ kind: 'ct', factor: 4 }), createRng(0))).toThrow(
      'degrade random: got 3 x 3 with factor 4, wanted an image of at least one coarse pixel; set a smaller factor',
    );
    const operator = forwardOperator(degradationSpec.parse({ kind: 'ct', factor: 2 }), random(8, 8));
    expect(() => operator.apply(random(8, 6))).toThrow('forward operator on random: got 8 x 6, wanted 8 x 8');
  });
});
