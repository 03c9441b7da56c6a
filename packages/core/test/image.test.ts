import { describe, expect, it } from 'vitest';
import { createImage, cropImage, describeShape, mapImage, selectChannel } from '../src/index.js';

const ramp = (width: number, height: number, depth = 1, channels = 1) =>
  createImage({
    width,
    height,
    depth,
    channels,
    dataRange: [0, 255],
    data: Float32Array.from({ length: width * height * depth * channels }, (_, i) => i),
  });

describe('createImage', () => {
  it('refuses sizes, lengths and ranges that do not fit, and says what it wanted', () => {
    expect(() => createImage({ width: 0, height: 2, dataRange: [0, 1] })).toThrow(
      'image: got width 0, wanted a whole number of at least 1',
    );
    expect(() =>
      createImage({ width: 2, height: 2, dataRange: [0, 1], data: new Float32Array(3), name: 'a.tif' }),
    ).toThrow('a.tif: got 3 values, wanted 4 (2 x 2)');
    expect(() => createImage({ width: 2, height: 2, dataRange: [1, 1] })).toThrow('data range 1..1');
  });
});

describe('cropImage', () => {
  it('copies a block of a volume with channels', () => {
    const crop = cropImage(ramp(4, 3, 2, 2), { x: 1, y: 1, width: 2, height: 1, z: 1, depth: 1 });
    expect([...crop.data]).toEqual([34, 35, 36, 37]);
    expect(describeShape(crop)).toBe('2 x 1, 2 channels');
  });

  it('refuses a box that leaves the image', () => {
    expect(() => cropImage(ramp(4, 3), { x: 3, y: 0, width: 2, height: 1 })).toThrow('wanted a box inside 4 x 3');
  });
});

describe('selectChannel and mapImage', () => {
  it('takes one channel, and maps with a new range', () => {
    expect([...selectChannel(ramp(2, 1, 1, 3), 1).data]).toEqual([1, 4]);
    expect(() => selectChannel(ramp(2, 1), 1)).toThrow('got channel 1, wanted 0 to 0');
    const half = mapImage(ramp(2, 1), [0, 127.5], (value) => value / 2);
    expect([...half.data]).toEqual([0, 0.5]);
    expect(half.dataRange).toEqual([0, 127.5]);
  });
});
