import { describe, expect, it } from 'vitest';
import { createImage, createRng, cropImage, type Image } from '@lacuna/core';
import { splitImages, splitSpec, splitUnpaired, type Region } from '../src/index.js';
import { gaussianBlur } from '../src/filters/separable.js';

const image = (width: number, height: number, name = 'image'): Image =>
  createImage({
    data: Float32Array.from({ length: width * height }, (_, i) => i),
    width,
    height,
    dataRange: [0, 1e6],
    name,
  });
const blocks = (rest: object = {}) => splitSpec.parse({ kind: 'blocks', ...rest });

/** Gap in px between two boxes of one image along x and y: the larger; negative where they overlap. */
function gap(a: Region['box'], b: Region['box']): number {
  if (a.image !== b.image) return Infinity;
  return Math.max(
    Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width),
    Math.max(a.y, b.y) - Math.min(a.y + a.height, b.y + b.height),
  );
}

describe('splitImages by blocks', () => {
  it.each([
    ['x', 4, 32],
    ['y', 4, 32],
    ['x', 8, 30],
    ['y', 3, 0],
    ['x', 16, 7],
  ] as const)('along %s, factor %i, guard %i: parts never come closer than the guard', (axis, multiple, guard) => {
    const split = splitImages([image(403, 397)], blocks({ axis, guard }), { multiple });
    const regions = [...split.training, ...split.validation, ...split.test];
    expect(regions).toHaveLength(3);
    for (const [i, a] of regions.entries()) {
      for (const edge of [a.box.x, a.box.y, a.box.width, a.box.height]) expect(edge % multiple).toBe(0);
      for (const b of regions.slice(i + 1)) expect(gap(a.box, b.box)).toBeGreaterThanOrEqual(guard);
    }
  });

  it('cuts the pixels that its box names', () => {
    const [region] = splitImages([image(200, 100)], blocks({ guard: 8 }), { multiple: 4 }).test;
    expect(region.hr.data[0]).toBe(region.box.y * 200 + region.box.x);
    expect(region.hr.data.at(-1)).toBe(
      (region.box.y + region.box.height - 1) * 200 + region.box.x + region.box.width - 1,
    );
  });

  it('shares about as asked', () => {
    const { training, validation, test } = splitImages(
      [image(1000, 100)],
      blocks({ fractions: [0.5, 0.25, 0.25], guard: 20 }),
      { multiple: 4 },
    );
    expect([training[0].box.width, validation[0].box.width, test[0].box.width]).toEqual([480, 240, 240]);
  });

  it('along z takes consecutive slices and leaves the guard out', () => {
    const slices = Array.from({ length: 20 }, (_, z) => image(32, 32, `stack[${z}]`));
    const split = splitImages(slices, blocks({ axis: 'z', guard: 2 }), { multiple: 4 });
    const names = (regions: readonly Region[]) => regions.map((region) => Number(/\d+/.exec(region.box.image)![0]));
    expect([names(split.training), names(split.validation), names(split.test)]).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
      [11, 12, 13],
      [16, 17, 18, 19],
    ]);
    expect(() => splitImages(slices.slice(0, 4), blocks({ axis: 'z', guard: 2 }), { multiple: 4 })).toThrow(
      'split by blocks of z: got 4 slices with guards of 2, wanted at least one slice in each part; ' +
        'set split.guard smaller or give more slices',
    );
  });

  it('refuses an image that is too small, and names the part', () => {
    expect(() => splitImages([image(100, 100)], blocks(), { multiple: 8 })).toThrow(
      'split of image: got a training part of 21 x 100 px, wanted at least 32 px a side; ' +
        'use larger images, a smaller guard or split.kind: specimen; lacuna init FOLDER chooses what fits',
    );
  });
});

describe('splitImages by specimen', () => {
  const images = Array.from({ length: 10 }, (_, i) => image(40, 40, `s${i}`));
  const spec = splitSpec.parse({ kind: 'specimen' });

  it('puts each image into one set, the same for the same seed', () => {
    const split = splitImages(images, spec, { multiple: 4 });
    const again = splitImages(images, spec, { multiple: 4 });
    const names = [...split.training, ...split.validation, ...split.test].map((region) => region.box.image);
    expect(names.sort()).toEqual(images.map(({ name }) => name).sort());
    expect([split.training.length, split.validation.length, split.test.length]).toEqual([6, 2, 2]);
    expect(again.test.map(({ box }) => box.image)).toEqual(split.test.map(({ box }) => box.image));
    expect(
      splitImages(images, splitSpec.parse({ kind: 'specimen', seed: 3 }), { multiple: 4 }).test.map(
        ({ box }) => box.image,
      ),
    ).not.toEqual(split.test.map(({ box }) => box.image));
  });

  it('keeps slices of one volume together', () => {
    const slices = ['a', 'b', 'c', 'd'].flatMap((name) => [0, 1, 2].map((z) => image(40, 40, `${name}[${z}]`)));
    const split = splitImages(slices, spec, { multiple: 4 });
    const volumes = (regions: readonly Region[]) => new Set(regions.map((region) => region.box.image[0]));
    expect(volumes(split.training).size + volumes(split.validation).size + volumes(split.test).size).toBe(4);
  });

  it('refuses fewer than three, and one volume', () => {
    expect(() => splitImages(images.slice(0, 1), spec, { multiple: 4 })).toThrow(
      'split by specimen: got 1 specimen, wanted at least three; use split.kind: blocks',
    );
    expect(() =>
      splitImages(
        [0, 1, 2, 3].map((z) => image(40, 40, `v[${z}]`)),
        spec,
        { multiple: 4 },
      ),
    ).toThrow('got 1 specimen, wanted at least three');
  });
});

describe('splitUnpaired', () => {
  it('cuts a single region into halves that keep the guard', () => {
    const { training } = splitImages([image(403, 200)], blocks({ guard: 16 }), { multiple: 4 });
    const { lr, hr } = splitUnpaired(training, { guard: 16, multiple: 4 });
    expect(gap(lr[0].box, hr[0].box)).toBeGreaterThanOrEqual(16);
    expect(lr[0].hr.data[0]).toBe(lr[0].box.x + 403 * lr[0].box.y);
    expect(hr[0].hr.data[0]).toBe(hr[0].box.x + 403 * hr[0].box.y);
  });

  it('deals out specimens, never slices of one', () => {
    const regions = (names: string[]) =>
      names.map((name): Region<'training'> => ({
        role: 'training',
        hr: { ...image(64, 64, name), data: image(64, 64).data.map((value) => value + name.charCodeAt(0)) },
        box: { image: name, x: 0, y: 0, z: 0, width: 64, height: 64, depth: 1 },
      }));
    const dealt = splitUnpaired(regions(['a[0]', 'a[1]', 'b[0]', 'c[0]']), { guard: 8, multiple: 4 });
    expect([dealt.lr.map(({ box }) => box.image), dealt.hr.map(({ box }) => box.image)]).toEqual([
      ['a[0]', 'a[1]', 'c[0]'],
      ['b[0]'],
    ]);
    const { lr, hr } = splitUnpaired(regions(['a[0]', 'a[1]']), { guard: 8, multiple: 4 });
    for (const a of lr)
      for (const b of hr) expect(gap({ ...a.box, image: 'a' }, { ...b.box, image: 'a' })).toBeGreaterThanOrEqual(8);
  });

  it('says which places are for what, and refuses a copy of an image under another name', () => {
    const one = splitImages([image(403, 200)], blocks({ guard: 16 }), { multiple: 4 }).training;
    expect(splitUnpaired(one, { guard: 16, multiple: 4 }).description).toMatch(
      /^unpaired: LR of (\S+), HR of \1, two parts with 16 px between them; no place is in both$/,
    );
    const region = (name: string, hr = image(64, 64, name)): Region<'training'> => ({
      role: 'training',
      hr,
      box: { image: name, x: 0, y: 0, z: 0, width: 64, height: 64, depth: 1 },
    });
    const other = { ...image(64, 64, 'b'), data: image(64, 64, 'b').data.map((value) => value + 1) };
    expect(splitUnpaired([region('a'), region('b', other)], { guard: 8, multiple: 4 }).description).toBe(
      'unpaired: LR of a, HR of b; no place is in both',
    );
    expect(() => splitUnpaired([region('a'), region('copy')], { guard: 8, multiple: 4 })).toThrow(
      'unpaired split: got the same pixels in a and copy, wanted LR and HR of different places; ' +
        'leave one of the copies out',
    );
  });

  it('never gives LR and HR of one place, whatever the regions', () => {
    const rng = createRng(8);
    for (let round = 0; round < 40; round++) {
      const specimens = 1 + rng.integer(4);
      const guard = 4 * rng.integer(5);
      const training: Region<'training'>[] = [];
      for (let specimen = 0; specimen < specimens; specimen++) {
        const box = {
          x: 4 * rng.integer(9),
          y: 4 * rng.integer(9),
          z: 0,
          width: 4 * (20 + rng.integer(30)),
          height: 4 * (20 + rng.integer(30)),
          depth: 1,
        };
        for (let slice = 0; slice <= rng.integer(3); slice++) {
          const name = `s${specimen}[${slice}]`;
          const hr = image(box.width, box.height, name);
          training.push({
            role: 'training',
            hr: { ...hr, data: hr.data.map((value) => value + 0.1 * training.length) },
            box: { ...box, image: name },
          });
        }
      }
      const { lr, hr } = splitUnpaired(training, { guard, multiple: 4 });
      const tissue = ({ box }: Region) => ({ ...box, image: box.image.replace(/\[.*/, '') });
      expect(lr.length * hr.length).toBeGreaterThan(0);
      // Slices of one specimen show one place; those of different ones are infinitely far apart.
      for (const a of lr) for (const b of hr) expect(gap(tissue(a), tissue(b))).toBeGreaterThanOrEqual(guard);
      if (specimens > 1) for (const a of lr) for (const b of hr) expect(gap(tissue(a), tissue(b))).toBe(Infinity);
    }
  });

  it('says when there is no room', () => {
    const { training } = splitImages([image(200, 40)], blocks({ guard: 8 }), { multiple: 4 });
    expect(() => splitUnpaired(training, { guard: 100, multiple: 4 })).toThrow(
      'unpaired split: got a training region of 108 x 40 px, wanted two halves with a guard band between them; ' +
        'use larger images or more of them',
    );
  });
});

describe('unpaired sets that share a place under different names', () => {
  const SIDE = 300;
  /** Structures some pixels wide, of intensities about 1. */
  const field = (seed: number): Image => {
    const rng = createRng(seed);
    const data = Float32Array.from({ length: SIDE * SIDE }, () => rng.normal());
    const rough = createImage({ data, width: SIDE, height: SIDE, dataRange: [0, 1], name: `field ${seed}` });
    const smooth = gaussianBlur(rough, 3);
    return { ...smooth, data: smooth.data.map((value) => 1 + 5 * value) };
  };
  const crop = (image: Image, name: string, box: { x: number; y: number; width: number; height: number }): Image => ({
    ...cropImage(image, { ...box, z: 0, depth: 1 }),
    name,
  });
  const scannedAgain = (image: Image, seed: number): Image => {
    const rng = createRng(seed);
    return { ...image, data: image.data.map((value) => value + 0.3 * rng.normal()) };
  };
  const whole = (hr: Image): Region<'training'> => {
    const { name, width, height, depth } = hr;
    return { role: 'training', hr, box: { image: name, x: 0, y: 0, z: 0, width, height, depth } };
  };
  const split = (...images: Image[]) => splitUnpaired(images.map(whole), { guard: 8, multiple: 4 });
  const messageOf = (...images: Image[]) => {
    try {
      return split(...images).description;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const left = { x: 0, y: 0, width: 256, height: 256 };

  it('tiles of one image that overlap', () => {
    const mosaic = field(1);
    const tile = (x: number, width: number) => ({ x, y: 0, width, height: 64 });
    const [a, b] = [crop(mosaic, 'a', tile(0, 96)), crop(mosaic, 'b', tile(60, 100))];
    expect(messageOf(a, b)).toBe(
      'unpaired split: got the same 36 x 64 px in a and b, wanted LR and HR of different places; ' +
        'leave one of them out, or crop away what both show',
    );
    // Of one specimen they are cut in two each: what lies right in one lies left in the other.
    expect(messageOf({ ...a, name: 's[0]' }, { ...b, name: 's[1]' })).toContain('px in s[1] and s[0], wanted LR and');
    expect(messageOf(a, { ...b, data: field(2).data.slice(0, b.data.length) })).toContain('no place is in both');
  });

  it('stacks of one volume that overlap along z', () => {
    const planes = [1, 2, 3, 4, 5].map((seed) => crop(field(seed), 'p', { x: 0, y: 0, width: 48, height: 48 }));
    const stack = (name: string, from: number): Image => {
      const data = Float32Array.from(planes.slice(from, from + 3).flatMap(({ data: values }) => [...values]));
      return createImage({ data, width: 48, height: 48, depth: 3, dataRange: [0, 2], name });
    };
    expect(messageOf(stack('low', 0), stack('high', 2))).toContain('the same 48 x 48 px in low and high');
  });

  it('a field that was scanned again, shifted; not another field, nor a frame that all have', () => {
    const again = crop(field(3), 'b', { ...left, x: 40, y: 26 });
    const first = crop(field(3), 'a', left);
    expect(messageOf(scannedAgain(first, 1), scannedAgain(again, 2))).toMatch(
      /^unpaired split: got the same structures in a and b \(about \d+ x \d+ px\), wanted LR and HR of different pl/,
    );
    const other = { ...crop(field(4), 'c', left) };
    expect(messageOf(scannedAgain(first, 1), scannedAgain(other, 2))).toContain('no place is in both');
    const inFrame = (image: Image): Image => ({
      ...image,
      data: image.data.map((value, i) => {
        const x = (i % image.width) - image.width / 2;
        const y = Math.floor(i / image.width) - image.height / 2;
        return Math.hypot(x, y) < 110 ? value + 3 : 0;
      }),
    });
    expect(messageOf(inFrame(first), inFrame(other))).toContain('no place is in both');
  });
});
