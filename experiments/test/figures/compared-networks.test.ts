import { describe, expect, it } from 'vitest';
import { drawComparedNetworks, mark, type ComparedNetworksData } from '../../src/figures/index.js';

const width = 20;
const height = 10;
const data = Float32Array.from({ length: width * height }, (_, i) => (Math.floor(i / width) === 4 ? 1 : 0));
const marks = new Uint8Array(width * height).fill(mark.none);
marks.fill(mark.found, 4 * width, 4 * width + 15);
marks.fill(mark.missed, 4 * width + 15, 5 * width);
const drawn: ComparedNetworksData = {
  title: 'line <a>',
  reference: { data, width, height },
  estimate: { data, width, height },
  window: [0, 1],
  marks,
  pixelSize: null,
  unit: 'px',
  branches: { found: 1, missed: 0, invented: 0 },
  lengths: { reference: 20, estimate: 15, found: 15, missed: 5, invented: 0 },
  recallByIntensity: [{ from: 1, to: 1, recall: 0.75 }],
  recallByDiameter: [
    { from: 1, to: 1.04, recall: 0.75 },
    { from: 2, to: 3, recall: 0 },
  ],
  degrees: { reference: [1, 1], estimate: [1, 9] },
  branchLengths: { reference: [20], estimate: [] },
  attacks: { reference: { x: [0, 1], y: [1, 0] }, estimate: { x: [], y: [] } },
  correlation: null,
};

describe('the figure of two networks', () => {
  const svg = drawComparedNetworks(drawn);
  it('says how much was found, missed and invented', () => {
    for (const words of [
      'line &lt;a&gt;',
      '1 branches found, 0 missed, 0 invented; lengths in px',
      '>found 75 %<',
      '>missed 25 %<',
      '>invented 0 %<',
      '>5 px<',
    ])
      expect(svg).toContain(words);
    expect(svg.match(/<image /g)).toHaveLength(3);
  });

  it('draws a bar for each bin, equal ends once, and many branches at a node together', () => {
    expect(svg).toContain('>1<');
    expect(svg).toContain('>2–3<');
    expect(svg).toContain('>8+<');
    expect(svg.match(/fill="#0072b2"/g)!.length).toBe(1 + 3);
  });

  it('leaves out curves that are not there', () => {
    expect(svg.match(/<path /g)).toHaveLength(3);
    expect(svg).not.toContain('Fourier');
    expect(drawComparedNetworks({ ...drawn, correlation: { x: [0.1, 0.5], y: [1, 0.1] } })).toContain(
      'Fourier correlation with the reference',
    );
  });

  it('stays small for large images', () => {
    const side = 1500;
    const large = { data: new Float32Array(side * side), width: side, height: side };
    expect(
      drawComparedNetworks({ ...drawn, reference: large, estimate: large, marks: new Uint8Array(side * side) }).length,
    ).toBeLessThan(2.5e6);
  });

  it('refuses images of two sizes', () => {
    expect(() => drawComparedNetworks({ ...drawn, marks: marks.subarray(1) })).toThrow(
      "compared networks: got an estimate of 20 x 10 and 199 marks, wanted the reference's 20 x 10",
    );
  });
});
