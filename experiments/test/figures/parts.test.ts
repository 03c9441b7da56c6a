import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { linearScale, logScale, siLabel, tickLabels } from '../../src/figures/drawing/axes.js';
import { averageSeeds } from '../../src/figures/drawing/bands.js';
import { chooseCrop } from '../../src/figures/panel/crop.js';
import { encodeIndexedPng } from '../../src/figures/drawing/indexed-png.js';
import { inferno } from '../../src/figures/drawing/inferno.js';
import { placeLabels } from '../../src/figures/drawing/labels.js';
import { longestErrors, traceNetwork } from '../../src/figures/panel/network-lines.js';
import { chooseScaleBar } from '../../src/figures/drawing/scale-bar.js';
import { fitText, textWidth } from '../../src/figures/drawing/text-width.js';
import { mark } from '../../src/figures/types.js';

/** Drawn with one character a pixel: F found, m missed, i invented. */
function drawn(...rows: string[]): { marks: Uint8Array; width: number; height: number } {
  const codes: Record<string, number> = { F: mark.found, m: mark.missed, i: mark.invented };
  return { marks: Uint8Array.from(rows.join(''), (c) => codes[c] ?? 0), width: rows[0].length, height: rows.length };
}

describe('indexed PNG', () => {
  it('is read back by libpng as its palette says, also across several stored blocks', async () => {
    const width = 300;
    const height = 250; // 75,250 bytes: two blocks
    const indices = Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % 256);
    const { data, info } = await sharp(encodeIndexedPng(indices, width, height, inferno))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([width, height, 3]);
    for (const i of [0, 1, 65535, 65536, width * height - 1])
      expect([...data.subarray(i * 3, i * 3 + 3)]).toEqual([...inferno.subarray(indices[i] * 3, indices[i] * 3 + 3)]);
  });
});

describe('inferno', () => {
  it('has the published ends and grows lighter all the way', () => {
    expect([...inferno.subarray(0, 3)]).toEqual([0, 0, 4]);
    expect([...inferno.subarray(765, 768)]).toEqual([252, 255, 164]);
    // Entry 128 of matplotlib's table is (0.735683, 0.215906, 0.330245).
    expect(
      [...inferno.subarray(128 * 3, 128 * 3 + 3)].map(
        (v, k) => Math.abs(v - 255 * [0.735683, 0.215906, 0.330245][k]) < 2,
      ),
    ).toEqual([true, true, true]);
    const lightness = (i: number) =>
      0.2126 * inferno[i * 3] + 0.7152 * inferno[i * 3 + 1] + 0.0722 * inferno[i * 3 + 2];
    for (let i = 1; i < 256; i++) expect(lightness(i)).toBeGreaterThan(lightness(i - 1) - 0.5);
  });
});

describe('chooseCrop', () => {
  const width = 40;
  const height = 20;
  const factor = 2;
  const network = new Uint8Array(width * height);
  const missed = new Uint8Array(width * height);
  for (let x = 0; x < 40; x++) network[5 * width + x] = 1;
  for (let x = 20; x < 40; x++) network[10 * width + x] = 1;
  network.forEach((v, i) => {
    if (v) missed[i] = i % width < 10 ? mark.missed : mark.found;
  });
  const evidence = { width, height, factor, network, marks: [missed] };

  it('takes the longest network, the first of equals', () => {
    expect(chooseCrop({ kind: 'most-branches', size: 10 }, evidence)).toEqual({ x: 20, y: 2, width: 10, height: 10 });
  });
  it('takes the place where most is missed', () => {
    expect(chooseCrop({ kind: 'most-missed', size: 10 }, evidence)).toEqual({ x: 0, y: 0, width: 10, height: 10 });
  });
  it('takes the median found share of the dense crops', () => {
    const box = chooseCrop({ kind: 'median', size: 10 }, evidence);
    expect(box.x).toBeGreaterThanOrEqual(10);
  });
  it('takes the given corner and refuses one outside or off the LR grid', () => {
    expect(chooseCrop({ kind: 'fixed', size: 8, x: 4, y: 6 }, evidence)).toEqual({ x: 4, y: 6, width: 8, height: 8 });
    expect(() => chooseCrop({ kind: 'fixed', size: 8, x: 36, y: 6 }, evidence)).toThrow(
      'figure crop: got corner 36,6 and size 8, wanted a crop inside 40 x 20',
    );
    expect(() => chooseCrop({ kind: 'fixed', size: 8, x: 3, y: 6 }, evidence)).toThrow('a multiple of the factor 2');
    expect(() => chooseCrop({ kind: 'median', size: 1 }, evidence)).toThrow(
      'figure crop: got size 1, wanted at least the factor, 2',
    );
  });
  it('is cut to whole LR pixels and to the image', () => {
    expect(chooseCrop({ kind: 'fixed', size: 9, x: 4, y: 6 }, evidence)).toEqual({ x: 4, y: 6, width: 8, height: 8 });
    expect(chooseCrop({ kind: 'most-branches', size: 30 }, evidence)).toEqual({ x: 10, y: 0, width: 30, height: 20 });
  });
  it('always falls inside and on the LR grid', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('most-branches', 'most-missed', 'median'),
        fc.integer({ min: 1, max: 30 }),
        (kind, half) => {
          const box = chooseCrop({ kind, size: half * 2 }, evidence);
          return (
            box.x >= 0 &&
            box.y >= 0 &&
            box.x + box.width <= width &&
            box.y + box.height <= height &&
            box.x % 2 === 0 &&
            box.y % 2 === 0 &&
            box.width % 2 === 0
          );
        },
      ),
    );
  });
});

describe('network lines', () => {
  it('joins pixels to one line and hands the link between found and missed to missed', () => {
    const { marks, width, height } = drawn('.........', '.FFFFmmm.', '.........');
    const lines = traceNetwork(marks, width, height);
    expect([lines.found.length, lines.missed.length, lines.invented.length]).toEqual([1, 1, 0]);
    expect(lines.found[0].slice(0, 2)).toEqual([1.5, 1.5]);
    expect(lines.found[0].slice(-2)).toEqual([4.5, 1.5]);
    expect(lines.missed[0].slice(0, 2)).toEqual([4.5, 1.5]);
  });
  it('closes rings, splits at junctions and keeps lone pixels', () => {
    const ring = drawn('.....', '.FFF.', '.F.F.', '.FFF.', '.....');
    const [loop, ...rest] = traceNetwork(ring.marks, ring.width, ring.height).found;
    expect(rest).toEqual([]);
    expect(loop.slice(0, 2)).toEqual(loop.slice(-2));
    const tee = drawn('..F..', '..F..', 'FFFFF', '.....', 'i....');
    const lines = traceNetwork(tee.marks, tee.width, tee.height);
    expect(lines.found.length).toBe(3);
    expect(lines.invented).toEqual([[0.5, 4.5]]);
  });
  it('draws every pixel of any marks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 36, maxLength: 36, max: 3 }), (marks) => {
        const lines = traceNetwork(marks, 6, 6);
        const drawnInvented = lines.invented.reduce((sum, line) => sum + line.length / 2, 0);
        return drawnInvented >= marks.filter((m) => m === mark.invented).length;
      }),
    );
  });
  it('points at the longest errors from the free side', () => {
    const rows = new Array<string>(20).fill('.'.repeat(20));
    rows[3] = '..ii................';
    rows[10] = '.....mmmmmmmmm......';
    const { marks, width, height } = drawn(...rows);
    const pointers = longestErrors(marks, width, height, { perKind: 2, minLength: 3, reach: 6 });
    expect(pointers.map(({ kind, x, y, length }) => ({ kind, x, y, length }))).toEqual([
      { kind: 'missed', x: 9.5, y: 10.5, length: 9 },
    ]);
    expect(Math.abs(pointers[0].dy)).toBeGreaterThan(0.5);
  });
});

describe('axes', () => {
  it('ticks at round values', () => {
    expect(linearScale([0.73, 0.9], 0, 100, 4).ticks).toEqual([0.75, 0.8, 0.85, 0.9]);
    expect(linearScale([0, 1], 0, 100, 5).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(logScale([3, 7], 0, 100).ticks).toEqual([5]);
    expect(logScale([12e3, 600e3], 0, 100).ticks).toEqual([10e3, 30e3, 100e3, 300e3]);
    expect(logScale([1e-3, 1e3], 0, 100).ticks).toEqual([1e-3, 1e-1, 10, 1e3]);
    expect(tickLabels([0.75, 0.8, 0.85])).toEqual(['0.75', '0.80', '0.85']);
    expect([0, 950, 12500, 3e6, 1.5e9, -2e12].map(siLabel)).toEqual(['0', '950', '12.5 k', '3 M', '1.5 G', '−2 T']);
  });
  it('keeps all values inside, for any values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 9 }),
        (values) => {
          const linear = linearScale(values, 100, 0, 4);
          const log = logScale(values, 0, 100);
          return (
            values.every((v) => linear(v) >= 0 && linear(v) <= 100 && log(v) >= -1e-9 && log(v) <= 100 + 1e-9) &&
            log.ticks.length > 0
          );
        },
      ),
    );
  });
});

describe('labels', () => {
  it('do not overlap where there is room', () => {
    const frame = { x: 0, y: 0, width: 200, height: 120 };
    const placed = placeLabels(
      Array.from({ length: 5 }, () => ({ x: 100, y: 60, width: 50 })),
      [{ x: 96, y: 56, width: 8, height: 8 }],
      frame,
    );
    for (const [i, a] of placed.entries())
      for (const b of placed.slice(i + 1)) expect(Math.abs(a.x - b.x) >= 50 || Math.abs(a.y - b.y) >= 8).toBe(true);
  });

  it('give way to one another, so that a line that leads to one crosses none', () => {
    const points = [
      { x: 58, y: 49, width: 40 },
      { x: 62, y: 51, width: 40 },
      { x: 64, y: 49, width: 40 },
      { x: 58, y: 42, width: 40 },
      { x: 61, y: 46, width: 40 },
    ];
    const markers = points.map(({ x, y }) => ({ x: x - 4, y: y - 4, width: 8, height: 8 }));
    const placed = placeLabels(points, markers, { x: 0, y: 0, width: 140, height: 110 });
    expect(placed.some(({ lead }) => lead !== null)).toBe(true);
    const reads = ({ x, y }: { x: number; y: number }, px: number, py: number): boolean =>
      px > x && px < x + 40 && py > y - 6 && py < y + 2;
    for (const [i, { lead }] of placed.entries())
      for (const [j, label] of placed.entries()) {
        if (i === j || lead === null) continue;
        for (let t = 0; t <= 1; t += 0.02) {
          const [x, y] = [0, 1].map((axis) => lead.from[axis] + t * (lead.to[axis] - lead.from[axis]));
          expect(reads(label, x, y)).toBe(false);
        }
      }
  });
});

describe('bands', () => {
  it('are the mean, lowest and highest seed, without values that are not finite', () => {
    expect(
      averageSeeds(
        [
          {
            seed: 1,
            points: [
              [1, 2],
              [2, NaN],
            ],
          },
          {
            seed: 2,
            points: [
              [1, 4],
              [2, 6],
            ],
          },
        ],
        10,
      ),
    ).toEqual([
      { step: 1, mean: 3, low: 2, high: 4, seeds: 2 },
      { step: 2, mean: 6, low: 6, high: 6, seeds: 1 },
    ]);
  });
  it('average long curves in equal spans of steps', () => {
    const points = Array.from({ length: 1000 }, (_, i) => [i, i % 2] as const);
    const band = averageSeeds([{ seed: 1, points }], 50);
    expect(band.length).toBe(50);
    expect(band.every((point) => Math.abs(point.mean - 0.5) < 0.06)).toBe(true);
  });
});

describe('scale bars', () => {
  it('are round lengths near a quarter of the crop, in the larger unit from 1000 on', () => {
    expect(chooseScaleBar(128, { x: 0.1, y: 0.1, unit: 'um' })).toEqual({ pixels: 50, label: '5 µm' });
    expect(chooseScaleBar(128, { x: 50, y: 50, unit: 'nm' })).toEqual({ pixels: 40, label: '2 µm' });
    expect(chooseScaleBar(96, null)).toEqual({ pixels: 20, label: '20 px' });
  });
});

describe('text', () => {
  it('is measured with the face that is drawn: DejaVu Sans Condensed, advances of 2048 units an em', () => {
    // "m" is 1795 units wide in DejaVuSansCondensed.ttf.
    expect(textWidth('mm', 10)).toBeCloseTo((2 * 1795 * 10) / 2048, 1);
  });
  it('is cut to fit, with an ellipsis, and left alone where it fits', () => {
    expect(fitText('FSRCNN', 100, 7)).toBe('FSRCNN');
    const cut = fitText('geometry-informed, light variant', 60, 7, 'bold');
    expect(cut).toMatch(/^geometry.*…$/);
    expect(textWidth(cut, 7, 'bold')).toBeLessThanOrEqual(60);
  });
});
