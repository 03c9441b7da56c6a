import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FigureFormat } from '../../src/figures/drawing/formats.js';
import { drawFigures, drawPanel, drawScoresVsCost, drawTrainingCurves, methodStyle } from '../../src/figures/index.js';
import { drawnCosts, drawnCurves, drawnDisagreement, drawnPanel } from './drawn.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-figures-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hashes = (at: string) =>
  Object.fromEntries(
    readdirSync(at)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(at, name)))
          .digest('hex'),
      ]),
  );
const all = () => ({
  panels: [drawnPanel()],
  costs: [drawnCosts()],
  curves: [drawnCurves()],
  disagreements: [drawnDisagreement()],
});

describe('figures on disk', () => {
  it('are the same bytes each time, as SVG, PDF and PNG, and nothing else is left', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-02-03') });
    await drawFigures(all(), join(folder, 'a'));
    const first = hashes(join(folder, 'a'));
    vi.setSystemTime(new Date('2031-12-01')); // years later, so that a clock in a file would show
    await drawFigures(all(), join(folder, 'b'));
    vi.useRealTimers();
    expect(hashes(join(folder, 'b'))).toEqual(first);
    expect(Object.keys(first)).toEqual(
      ['disagreement', 'panel', 'scores-vs-cost', 'training-curves'].flatMap((name) => [
        `${name}.pdf`,
        `${name}.png`,
        `${name}.svg`,
      ]),
    );
  });

  it('are 180 mm wide: 2126 px at 300 dpi and 510 points', async () => {
    const [panel] = await drawFigures({ panels: [drawnPanel()] }, folder);
    expect((await sharp(panel.png!).metadata()).width).toBe(2126);
    expect(readFileSync(panel.pdf!, 'latin1')).toMatch(/\/MediaBox \[0 0 510\.2\d* /);
  });

  it('are SVG alone where no other format is asked for, and PNG beside where that is', async () => {
    const drawIn = async (name: string, formats: readonly FigureFormat[]) => {
      await drawFigures({ costs: [drawnCosts()] }, join(folder, name), formats);
      return readdirSync(join(folder, name)).sort();
    };
    expect(await drawIn('none', [])).toEqual(['scores-vs-cost.svg']);
    expect(await drawIn('one', ['png'])).toEqual(['scores-vs-cost.png', 'scores-vs-cost.svg']);
  });

  it('name several figures of a kind apart', async () => {
    const drawn = await drawFigures({ costs: [drawnCosts(), drawnCosts()] }, folder);
    expect(drawn.map((f) => f.name)).toEqual(['scores-vs-cost', 'scores-vs-cost-2']);
  });

  it('fail with one message where the folder is a file', async () => {
    const [drawn] = await drawFigures({ costs: [drawnCosts()] }, folder);
    await expect(drawFigures({ costs: [drawnCosts()] }, drawn.svg)).rejects.toThrow(/wanted a file written whole/);
  });
});

describe('the panel', () => {
  const svg = drawPanel(drawnPanel());

  it('escapes what users write and describes itself to those who do not see it', () => {
    expect(svg).toContain('<title>Drawn vessel, ×4 &lt;test &amp; trial&gt;</title>');
    expect(svg).toContain('Bicubic: clDice 0.91, PSNR 25.5 dB; FSRCNN: clDice 0.52, PSNR 29.3 dB');
  });

  it('tells found, missed and invented shares of the crop', () => {
    // The crop is 32 px wide and the vessel runs through it; ties go to the first crop, x = 0, where nothing is missed.
    expect(svg).toMatch(/HR, LR and the SR image of 2 methods in one crop of 32 by 32 HR pixels at 0,0/);
    const hardest = drawPanel({ ...drawnPanel(), rule: { kind: 'most-missed', size: 32 } });
    expect(hardest).toContain('at 32,0');
    expect(hardest).toContain('>100 %<');
  });

  it('has a scale bar in HR, LR and each SR, in px where the pixel size is unknown', () => {
    expect(svg.split('>1 µm</text>').length - 1).toBe(4);
    expect(drawPanel({ ...drawnPanel(), pixelSize: null }).split('>10 px</text>').length - 1).toBe(4);
  });

  it('sets the best of each score in bold', () => {
    expect(svg).toMatch(/font-weight="bold"[^>]*>0\.91</);
    expect(svg).toMatch(/font-weight="bold"[^>]*>29\.3 dB</);
    expect(svg).not.toMatch(/font-weight="bold"[^>]*>0\.52</);
  });

  it('refuses an SR image on another grid', () => {
    const data = drawnPanel();
    const sr = { data: new Float32Array(4), width: 2, height: 2 };
    expect(() => drawPanel({ ...data, methods: [{ ...data.methods[0], sr }] })).toThrow(
      'panel, SR of Bicubic: got 2 x 2, wanted 64 x 48',
    );
  });
});

describe('charts', () => {
  it('no two methods look alike by colour and shape, as many as a study has', () => {
    const looks = Array.from({ length: 49 }, (_, index) => methodStyle(index));
    expect(new Set(looks.map(({ colour, shape }) => `${colour} ${shape}`)).size).toBe(49);
  });

  it('keep one colour a method in every figure', () => {
    expect(drawScoresVsCost(drawnCosts())).toContain(methodStyle(1).colour);
    expect(drawTrainingCurves(drawnCurves())).toContain(`stroke="${methodStyle(1).colour}"`);
    expect(drawTrainingCurves(drawnCurves())).not.toContain(`stroke="${methodStyle(0).colour}"`);
  });

  it('put methods of equal cost side by side', () => {
    const rectangles = [
      ...drawScoresVsCost(drawnCosts()).matchAll(
        /<line x1="([\d.]+)" y1="[\d.]+" x2="\1"[^>]*stroke="(#0072b2|#e69f00)"/g,
      ),
    ].map((m) => [m[2], Number(m[1])] as const);
    expect(rectangles.length).toBe(2);
    expect(Math.abs(rectangles[0][1] - rectangles[1][1])).toBeCloseTo(8, 1);
  });

  it('show each seed, and cut intervals that reach far beyond what was measured', () => {
    const [first, ...rest] = drawnCosts().points;
    const [score] = drawnCosts().scores;
    const drawn = (half: number) =>
      drawScoresVsCost({
        ...drawnCosts(),
        points: [
          { ...first, scores: { [score.name]: { mean: 30, low: 30 - half, high: 30 + half, values: [29, 31] } } },
          ...rest,
        ],
      });
    const arrows = (svg: string) =>
      [...svg.matchAll(/<path d="M[\d.]+,[\d.]+L[\d.]+,[\d.]+L[\d.]+,[\d.]+" fill="none"/g)].length;
    expect(arrows(drawn(500))).toBe(2 * drawnCosts().costs.length);
    expect(arrows(drawn(0.5))).toBe(0);
    expect(drawn(0.5).split('r="0.9"').length - 1).toBe(2 * drawnCosts().costs.length);
  });

  it('refuse to be empty', () => {
    expect(() => drawScoresVsCost({ ...drawnCosts(), points: [] })).toThrow(
      'scores against costs: got no methods, wanted at least one',
    );
    expect(() => drawTrainingCurves({ ...drawnCurves(), charts: [] })).toThrow(
      'training curves: got no chart with a point',
    );
  });
});
