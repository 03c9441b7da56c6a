import { describe, expect, it } from 'vitest';
import { createImage, createRng, cropImage, type Image } from '@lacuna/core';
import { denormalise, fitNormalisation, gaussianBlur, normalisationSpec, normalise, preprocess } from '../src/index.js';

function image(width: number, height: number, channels = 1): Image {
  const rng = createRng(2);
  return createImage({
    data: Float32Array.from({ length: width * height * channels }, () => Math.floor(256 * rng.uniform())),
    width,
    height,
    channels,
    dataRange: [0, 255],
    name: 'scan',
  });
}

describe('preprocess', () => {
  it('takes one channel, and asks which when there are several', () => {
    const rgb = image(4, 3, 3);
    expect([...preprocess(rgb, { channel: 1 }).data]).toEqual([...rgb.data].filter((_, i) => i % 3 === 1));
    expect(() => preprocess(rgb, {})).toThrow('scan: got 3 channels, wanted one; name it: data.channel: 0');
    expect(() => preprocess(rgb, { channel: 3 })).toThrow('scan: got channel 3, wanted 0 to 2');
  });

  it('inverts within the data range', () => {
    const dark = image(4, 3);
    expect([...preprocess(dark, { invert: true }).data]).toEqual([...dark.data].map((value) => 255 - value));
  });

  it('flattens a crop as it flattens the whole', () => {
    const whole = image(60, 50);
    const crop = { x: 20, y: 7, width: 24, height: 30 };
    const a = preprocess(whole, { flatten: 3, crop });
    const b = cropImage(preprocess(whole, { flatten: 3 }), crop);
    expect(a.data).toEqual(b.data);
    expect(a.dataRange).toEqual([-255, 255]);
    expect(b.data[0]).toBeCloseTo(cropImage(whole, crop).data[0] - cropImage(gaussianBlur(whole, 3), crop).data[0], 4);
  });

  it.each([[{}], [{ flatten: 3 }]])('names a crop that leaves the image, %j', (rest) => {
    expect(() => preprocess(image(10, 10), { ...rest, crop: { x: 5, y: 0, width: 6, height: 10 } })).toThrow(
      'crop of scan: got box at 5,0,0 of 6 x 10 x 1, wanted a box inside 10 x 10',
    );
  });

  it('takes the pixel size of the spec', () => {
    expect(preprocess(image(4, 4), { pixelSize: '0.1um' }).pixelSize).toEqual({ x: 0.1, y: 0.1, unit: 'um' });
    expect(() => preprocess(image(4, 4), { pixelSize: '0um' })).toThrow(
      'pixel size: got "0um", wanted a positive length with its unit (nm, um or mm); write for example 0.1um',
    );
  });

  it('refuses pixels that are no numbers, and says where', () => {
    const bad = image(4, 3);
    bad.data[6] = NaN;
    expect(() => preprocess(bad, {})).toThrow('scan: got NaN at x 2, y 1, wanted finite intensities');
  });
});

describe('normalisation', () => {
  const ramp = createImage({
    data: Float32Array.from({ length: 1001 }, (_, i) => i),
    width: 1001,
    height: 1,
    dataRange: [0, 4095],
  });

  it('by range takes the data range, by percentile interpolates between the ordered values', () => {
    expect(fitNormalisation([ramp], normalisationSpec.parse({ kind: 'range' }))).toEqual({ low: 0, high: 4095 });
    expect(fitNormalisation([ramp], normalisationSpec.parse({ kind: 'percentile', low: 1, high: 99.05 }))).toEqual({
      low: 10,
      high: expect.closeTo(990.5, 9),
    });
  });

  it("goes back to the instrument's numbers", () => {
    const levels = { low: 10, high: 990 };
    const back = denormalise(normalise(ramp, levels, { clip: false }), levels, ramp.dataRange);
    expect(Math.max(...back.data.map((value, i) => Math.abs(value - ramp.data[i])))).toBeLessThan(1e-3);
    expect(back.dataRange).toEqual([0, 4095]);
    const clipped = normalise(ramp, levels, { clip: true }).data;
    expect([clipped[0], clipped[500], clipped[1000]]).toEqual([0, 0.5, 1]);
  });

  it('refuses images without contrast', () => {
    const flat = createImage({
      data: new Float32Array(9).fill(7),
      width: 3,
      height: 3,
      dataRange: [0, 255],
      name: 'flat',
    });
    expect(() => fitNormalisation([flat], normalisationSpec.parse({ kind: 'percentile' }))).toThrow(
      'flat: got constant intensities (7), wanted contrast between the percentiles; check data.channel and data.crop',
    );
  });
});
