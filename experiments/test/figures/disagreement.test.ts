import { describe, expect, it } from 'vitest';
import { disagreementFromResults, drawDisagreement } from '../../src/figures/index.js';
import type { TrialResult } from '../../src/sweep/results/results.js';
import { drawnDisagreement } from './drawn.js';

const svg = drawDisagreement(drawnDisagreement());

describe('the figure of disagreement', () => {
  it('writes tau into each cell, bold where its interval leaves out 0', () => {
    expect(svg).toMatch(/font-weight="bold"[^>]*>1\.00</);
    expect(svg).toMatch(/<text(?![^>]*bold)[^>]*>−0\.33</);
    expect(svg).toMatch(/>–</);
  });

  it('shows the pair that orders methods differently with its interval and its case, ties with one rank', () => {
    expect(svg).toContain('>τ −0.33 (−1.00 to 0.50), 4 cases; least in specimen 3, seed 1: −1.00<');
    expect(svg).toContain('>FSRCNN 1<');
    expect(svg).toContain('>2= FSRCNN<');
    expect(svg).toContain('>2= Bicubic<');
    expect(svg).toContain('>1 Geometry<');
  });

  it('draws the lines of methods that change places strong, the others thin', () => {
    expect(
      [...svg.matchAll(/<line [^>]*stroke-width="([\d.]+)" stroke-opacity="([\d.]+)"/g)].map((m) => `${m[1]} ${m[2]}`),
    ).toEqual(['0.6 0.5', '1.6 1', '1.6 1']);
  });

  it('says so where nothing contradicts, and refuses to be empty', () => {
    const agreeing = drawnDisagreement();
    expect(drawDisagreement({ ...agreeing, pairs: agreeing.pairs.slice(1) })).toContain(
      'No two metrics order the methods differently.',
    );
    expect(() => drawDisagreement({ ...agreeing, metrics: ['PSNR'] })).toThrow(
      'disagreement: got 1 metrics and 3 methods, wanted at least two of each',
    );
  });

  it('leaves the numbers out of cells that are too small for them', () => {
    const metrics = Array.from({ length: 30 }, (_, i) => `m${i}`);
    const many = drawDisagreement({
      ...drawnDisagreement(),
      metrics,
      pairs: [{ ...drawnDisagreement().pairs[2], a: 'm0', b: 'm1' }],
    });
    expect(many).not.toContain('>1.00<');
    expect(many).toContain('>m29<');
    // Long names at the end of the diagonal, below the charts, are written out; nothing touches the left edge.
    const named = drawDisagreement({
      ...drawnDisagreement(),
      metrics: metrics.map((name, i) => (i === 29 ? 'connectivity density, error' : name)),
      pairs: [{ ...drawnDisagreement().pairs[2], a: 'm0', b: 'm1' }],
    });
    expect(named).toContain('>connectivity density, error<');
    expect(named).toContain('<g transform="translate(6 0)">');
  });
});

describe('disagreement of results', () => {
  const result = (
    method: string,
    seed: number,
    values: Record<string, number | null>,
    more: Partial<TrialResult> = {},
  ): TrialResult => {
    const scores = {
      values,
      undefinedBecause: {},
      protocol: 'p',
      cases: [
        { name: 'a.tif', values },
        { name: 'a.tif', values: { ...values, psnr: 30 } },
      ],
    };
    return {
      id: `${method}-${seed}`,
      name: method,
      group: 'g',
      method,
      seed,
      factor: 4,
      status: 'finished',
      steps: 1,
      bestStep: 1,
      validation: scores,
      test: scores,
      engine: 'none',
      cost: {
        parameters: 0,
        macs720p: 0,
        macsPerPixel: 0,
        receptiveField: 1,
        trainSeconds: 0,
        stepMs: null,
        dataWaitShare: null,
        energy: { joules: null, reason: 'no counter' },
      },
      ...more,
    };
  };
  const metrics = [
    { metric: 'psnr', name: 'PSNR', digits: 2, better: 'higher' as const },
    { metric: 'hd95', name: 'HD95', digits: 2, better: 'lower' as const },
    { metric: 'vif', name: 'VIF', digits: 2, better: 'higher' as const },
  ];
  const results = [0, 1].flatMap((seed) => [
    result('paired', seed, { psnr: 28, hd95: 9, vif: null }),
    result('bicubic', seed, { psnr: 22, hd95: 2, vif: null }),
  ]);

  it('takes each image under each seed as a case, and metrics with values only', () => {
    const found = disagreementFromResults(results, { title: 't', order: ['bicubic', 'paired'], metrics })!;
    expect(found).toMatchObject({ metrics: ['PSNR', 'HD95'], methods: ['bicubic', 'paired'] });
    // In the second part of the image PSNR is the same for both: no tau there.
    expect(found.pairs).toMatchObject([
      {
        a: 'PSNR',
        b: 'HD95',
        tau: -1,
        cases: 2,
        worst: { case: 'a.tif, seed 0', tau: -1 },
        conflicts: [{ preferredByA: 'paired', preferredByB: 'bicubic' }],
      },
    ]);
  });

  it('reads results without images, leaves diverged trials out, and is null without two methods', () => {
    const old = results.map((r) => ({ ...r, test: { values: r.test.values, undefinedBecause: {}, protocol: 'p' } }));
    expect(disagreementFromResults(old, { title: 't', order: [], metrics })!.pairs[0].worst!.case).toBe('seed 0');
    expect(
      disagreementFromResults(
        results.map((r) => (r.method === 'paired' ? { ...r, status: 'diverged' } : r)),
        { title: 't', order: [], metrics },
      ),
    ).toBeNull();
  });
});
