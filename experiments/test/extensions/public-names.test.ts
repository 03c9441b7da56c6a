import { expect, it } from 'vitest';
import { apiFor } from '../../src/extensions/api.js';
import { PAIR_FIELDS } from '../../src/extensions/metric.js';
import { TARGETS, TERM_PARTS } from '../../src/extensions/term.js';

// What extensions may use. A name that goes, or means something else, breaks those that were written: raise
// API_VERSION, say so in docs/extending.md and in the changelog. A name that comes needs no new version.
it('is what docs/extending.md says, version 1', () => {
  const { version, layers, losses, measures, samplings, ...rest } = apiFor({ file: '/nowhere.mjs', digest: '' });
  const names = (of: object) => Object.keys(of).sort().join(' ');
  expect(version).toBe(1);
  expect(names(rest)).toBe('InputError architecture augmentation degradation metric structure term z');
  expect(names(layers)).toBe(
    'batchNorm conv convTranspose instanceNorm middlePlane normal ones prelu sizeOf spatialAxes upsample zeros',
  );
  expect(names(samplings)).toBe('box cubic point');
  expect(names(losses)).toBe('diceLoss pixelLoss softClDiceLoss');
  expect(names(measures)).toBe('compareNetworks extractGraph localThickness skeletonize smooth surfaceDistances');
  expect([...PAIR_FIELDS].sort().join(' ')).toBe(
    'comparison connectivity estimate masks morphometry reference skeletons spacing thicknessMaps tolerance',
  );
  expect([...TERM_PARTS].sort().join(' ')).toBe('featureFactor features g hr lr probability sr');
  expect([...TARGETS].sort().join(' ')).toBe('centreline distance mask orientation tube');
});
