import { describe, expect, it } from 'vitest';
import {
  bytesFor,
  chooseTile,
  isOutOfMemory,
  planDevice,
  workingBytesPerPixel,
  describeDevice,
} from '../../src/index.js';
import { balancedTile, tileCount } from '../../src/run/axis.js';

const model = { bytesPerPixel: 1000, channels: 1, factor: 4, outputs: 1, halo: 8, multiple: 1 };

describe('chooseTile', () => {
  it('stays within the bound, whatever it is', () => {
    for (const megabytes of [64, 100, 128, 512, 2048]) {
      const size = { width: 16384, height: 16384 };
      const bytes = megabytes * 2 ** 20;
      expect(bytesFor(chooseTile(size, model, { bytes }), size, model)).toBeLessThanOrEqual(bytes);
    }
  });

  it('takes an image whole where it fits', () => {
    const { rows, columns } = chooseTile({ width: 500, height: 700 }, model, { bytes: 4 * 2 ** 30 });
    expect(rows).toBeGreaterThanOrEqual(700);
    expect(columns).toBeGreaterThanOrEqual(500);
  });

  it('wastes less on halos with more memory', () => {
    const size = { width: 8192, height: 8192 };
    const kept = (megabytes: number) => {
      const { rows, columns } = chooseTile(size, model, { bytes: megabytes * 2 ** 20 });
      return ((rows - 16) / rows) * ((columns - 16) / columns);
    };
    expect(kept(1024)).toBeGreaterThan(kept(256));
    expect(kept(256)).toBeGreaterThan(0.75);
  });

  it('makes no side longer than the limit, and never shorter than two halos', () => {
    expect(chooseTile({ width: 4096, height: 4096 }, model, { bytes: 2 ** 31, longest: 128 })).toEqual({
      rows: 128,
      columns: 128,
    });
    expect(
      chooseTile({ width: 4096, height: 4096 }, { ...model, halo: 40, multiple: 4 }, { bytes: 2 ** 31, longest: 16 }),
    ).toEqual({ rows: 84, columns: 84 });
  });

  it('says how much would be enough', () => {
    expect(() => chooseTile({ width: 16384, height: 16384 }, model, { bytes: 2 ** 20 })).toThrow(
      /memory: got 1 MB for tiles, wanted at least \d+ MB for tiles of 17 x 17; allow more with --memory/,
    );
  });
});

describe('working memory of a model', () => {
  it('grows with its width', () => {
    const bytes = (filters: number) =>
      workingBytesPerPixel(
        { name: 'edsr', blocks: 2, filters, residualScale: 1, skip: 'none' },
        { factor: 2, channels: 1 },
      );
    expect(bytes(64) / bytes(16)).toBeGreaterThan(3.5);
    // At its most, the sub-pixel convolution: 4 x 64 values a pixel in, 64 for each of 4 out.
    expect(bytes(64)).toBeGreaterThanOrEqual(4 * (256 + 256));
  });
});

describe('device', () => {
  const backends = [
    { name: 'cpu', bundled: true },
    { name: 'webgpu', bundled: true },
    { name: 'cuda', bundled: false },
  ];
  it('is the fastest that is installed, and the line says what is not', () => {
    expect(planDevice('auto', backends)).toEqual({ candidates: ['cpu'], notes: ['CUDA is not installed'] });
    expect(planDevice('auto', [{ name: 'cuda', bundled: true }, ...backends.slice(0, 1)]).candidates).toEqual([
      'cuda',
      'cpu',
    ]);
    expect(describeDevice('cpu', ['CUDA is not installed'], 2)).toBe('device: CPU, 2 threads (CUDA is not installed)');
  });
  it('that this build lacks is an error with those it has', () => {
    expect(() => planDevice('dml', backends)).toThrow(
      '--device: got dml, wanted one of auto, cpu, webgpu, cuda on this machine',
    );
  });
});

describe('isOutOfMemory', () => {
  it.each([
    'std::bad_alloc',
    'Non-zero status code: Failed to allocate memory for requested buffer of size 4294967296',
    'CUDA failure 2: out of memory',
    'Array buffer allocation failed',
  ])('knows %s', (text) => {
    expect(isOutOfMemory(new Error(text))).toBe(true);
  });
  it('leaves other errors alone', () => {
    expect(isOutOfMemory(new Error('Invalid input shape'))).toBe(false);
  });
});

describe('balancedTile', () => {
  it('covers an axis with as many tiles as the longest, and no shorter one does', () => {
    for (const [length, longest, halo, multiple] of [
      [2048, 1024, 10, 1],
      [2048, 1024, 12, 4],
      [50, 16, 2, 1],
      [1030, 1024, 40, 8],
      [700, 768, 5, 1],
    ] as const) {
      const side = balancedTile(length, longest, halo, multiple);
      const count = tileCount(length, longest, halo);
      expect(side % multiple).toBe(0);
      expect(side).toBeLessThanOrEqual(longest);
      expect(count * (side - 2 * halo) + 2 * halo).toBeGreaterThanOrEqual(length);
      expect(count * (side - multiple - 2 * halo) + 2 * halo).toBeLessThan(length);
    }
  });
});
