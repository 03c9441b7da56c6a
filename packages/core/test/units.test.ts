import { describe, expect, it } from 'vitest';
import {
  convertLength,
  enlargedPixelSize,
  formatLength,
  nearestName,
  parseLengthUnit,
  parsePixelSize,
} from '../src/index.js';

describe('lengths', () => {
  it('reads the spellings that microscopes write', () => {
    for (const text of ['µm', 'μm', 'um', 'micron', '\\u00B5m', 'Micrometer']) expect(parseLengthUnit(text)).toBe('um');
    expect(parseLengthUnit('inch')).toBeUndefined();
    expect(convertLength(2, 'um', 'nm')).toBe(2000);
  });

  it('reads pixel sizes, with or without z, in mixed units', () => {
    expect(parsePixelSize('0.1um')).toEqual({ x: 0.1, y: 0.1, unit: 'um' });
    expect(parsePixelSize('100nm, 100nm, 0.3um')).toEqual({ x: 100, y: 100, z: 300, unit: 'nm' });
    expect(enlargedPixelSize({ x: 0.8, y: 0.8, z: 1, unit: 'um' }, 4)).toEqual({ x: 0.2, y: 0.2, z: 1, unit: 'um' });
    expect(formatLength(0.30000001, 'um')).toBe('0.3 µm');
  });

  it.each(['0um', '-1um', '5', '1 inch', '1um,1um,1um,1um'])('refuses %s', (text) => {
    expect(() => parsePixelSize(text)).toThrow(/pixel size: got/);
  });
});

describe('nearestName', () => {
  it('finds a slip and a swap, and keeps silent about another word', () => {
    expect(nearestName('fscrnn', ['fsrcnn', 'edsr', 'rcan'])).toBe('fsrcnn');
    expect(nearestName('modle', ['model', 'mode'])).toBe('model');
    expect(nearestName('banana', ['fsrcnn', 'edsr'])).toBeUndefined();
  });
});
