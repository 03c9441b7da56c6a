import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { degradationSpec, degrade, forwardOperator } from '@lacuna/datasets';
import { measuredParts, measuredShares } from '../../src/explain/measured.js';
import { readNetwork } from '../../src/explain/read-network.js';
import { measureNetwork } from '../../src/network/measured.js';

const SIDE = 48;
const spec = degradationSpec.parse({ kind: 'confocal', factor: 4, photons: null, readNoise: 0 });

/** A wide bright line and, where asked for, a thin one, over darkness. */
function drawn(thin: boolean): Image {
  const data = new Float32Array(SIDE * SIDE);
  for (let x = 0; x < SIDE; x++) {
    for (let y = 8; y < 16; y++) data[y * SIDE + x] = 0.8;
    if (thin) data[34 * SIDE + x] = 0.8;
  }
  return createImage({ data, width: SIDE, height: SIDE, dataRange: [0, 1], name: 'drawn' });
}

function sharesOf(sr: Image, lr: Image) {
  const read = readNetwork(sr, { level: 0.4, smoothing: 0 });
  const network = measureNetwork(read, (pixel) => sr.data[pixel], { pixelSize: null, dark: false, name: 'drawn' });
  return measuredShares(network, read.mask, sr, measuredParts(sr, lr, spec));
}

describe('what a scan says of branches', () => {
  it('of an image that is in the range of the forward model, is all of it', () => {
    const operator = forwardOperator(spec, drawn(true));
    const lr = operator.apply(drawn(true));
    const { measured } = measuredParts(drawn(true), lr, spec);
    const [share] = sharesOf(measured, lr);
    expect(share.measured).toBeGreaterThan(0.99);
    expect(share.scanned).toBeCloseTo(1, 1);
  });
  it('that it never saw is nothing, though the forward model could see them', () => {
    const lr = degrade(drawn(false), spec, createRng(1));
    const [wide, invented] = sharesOf(drawn(true), lr);
    expect(wide.measured! - wide.scanned!).toBeLessThan(0.05);
    expect(invented.measured).toBeGreaterThan(0.05);
    expect(Math.abs(invented.scanned!)).toBeLessThan(0.02);
  });
  it('is null for a branch that is no brighter than what is around', () => {
    const flat = { ...drawn(false), data: new Float32Array(SIDE * SIDE).fill(0.5) };
    const read = readNetwork(drawn(false), { level: 0.4, smoothing: 0 });
    const network = measureNetwork(read, () => 0.5, { pixelSize: null, dark: false, name: 'flat' });
    const parts = { measured: flat, scanned: flat, nu: 1 };
    expect(measuredShares(network, read.mask, flat, parts)).toEqual([{ measured: null, scanned: null }]);
  });
});
