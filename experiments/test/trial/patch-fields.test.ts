import { expect, it } from 'vitest';
import { threshold } from '@lacuna/iqa';
import { patchFields } from '../../src/trial/data/patch-fields.js';
import { lines, pairOf, protocolOf } from './fixtures.js';

const { segment } = protocolOf({});
const sumOf = ({ data }: { readonly data: Float32Array }) => data.reduce((sum, value) => sum + value, 0);

it('targets are of the image at the level, or of the true network, also where one image serves both', () => {
  // Of dim lines the image shows nothing at the level.
  const hr = lines(0.4);
  const known = { ...pairOf(hr, true), truth: { mask: threshold(hr, 0.2), skeleton: threshold(hr, 0.3) } };
  const fieldsFrom = (from: 'image' | 'truth') => patchFields(known, ['mask', 'skeleton', 'tube'], { from, segment });
  expect(fieldsFrom('image').map(sumOf)).toEqual([0, 0, 0]);
  const [mask, skeleton, tube] = fieldsFrom('truth');
  expect([...mask.data]).toEqual([...known.truth.mask.data]);
  // What is known is taken as it is, not thinned from the mask.
  expect([...skeleton.data]).toEqual([...known.truth.skeleton.data]);
  expect(sumOf(tube)).toBeGreaterThan(sumOf(skeleton));
  expect(fieldsFrom('image').map(sumOf)).toEqual([0, 0, 0]);
});

it('a true network that is not known is refused', () => {
  expect(() => patchFields(pairOf(lines(0.9), false), ['tube'], { from: 'truth', segment })).toThrow(
    'regime.targets: got truth for a, whose network is not known, wanted an image of a synthetic source, ' +
      'not cut into planes; set regime.targets: image',
  );
});
