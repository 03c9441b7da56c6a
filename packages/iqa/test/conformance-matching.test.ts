import { describe, expect, it } from 'vitest';
import { bettiMatching } from '../src/index.js';
import { holds } from './conformance.js';
import { draw } from './draw.js';
import { readGolden, unpackMask, type Packed } from './golden.js';

interface Found {
  matched: number[];
  errors: number[];
}
interface Case {
  name: string;
  reference: Packed;
  estimate: Packed;
  full: Found;
  face: Found;
}

const fill = (list: number[]) => [0, 1, 2].map((k) => list[k] ?? 0);

describe.each(readGolden<Case>('matching'))('Betti matching against its definition: $name', (golden) => {
  const reference = unpackMask(golden.reference);
  const estimate = unpackMask(golden.estimate);
  it.each(['full', 'face'] as const)('%s', (connectivity) => {
    const { matched, errors, error } = bettiMatching(reference, estimate, { connectivity });
    expect([matched, errors]).toEqual([fill(golden[connectivity].matched), fill(golden[connectivity].errors)]);
    holds(
      'betti_matching_error',
      'its definition, cell by cell',
      Math.abs(error - golden[connectivity].errors.reduce((a, b) => a + b)),
      0,
    );
    // Exchanging the two changes nothing.
    expect(bettiMatching(estimate, reference, { connectivity }).errors).toEqual(errors);
  });
});

describe('bettiMatching', () => {
  const left = draw('.....#', '.##...', '.##...', '......', '......');
  const right = draw('......', '......', '......', '..##..', '..##..');
  it('counts what Betti errors let cancel', () => {
    const single = draw('......', '.##...', '.##...', '......', '......');
    expect(bettiMatching(single, right).reference.b0 - bettiMatching(single, right).estimate.b0).toBe(0);
    // The last component is matched in any case: the whole image connects the two.
    expect(bettiMatching(left, right).error).toBe(1);
    expect(bettiMatching(left, left)).toMatchObject({ error: 0, errors: [0, 0, 0] });
  });

  it('a hole at another place is no match', () => {
    const hole = draw('.......', '.###...', '.#.#...', '.###...', '.......');
    const moved = draw('.......', '...###.', '...#.#.', '...###.', '.......');
    expect(bettiMatching(hole, moved).errors).toEqual([0, 2, 0]);
    expect(bettiMatching(hole, hole).matched).toEqual([1, 1, 0]);
  });

  it('an empty mask matches nothing; volumes have a limit', () => {
    const none = draw('......', '......', '......', '......', '......');
    expect([bettiMatching(none, none).error, bettiMatching(left, none).error]).toEqual([0, 2]);
    const volume = { data: new Uint8Array(27), width: 3, height: 3, depth: 3 };
    expect(() => bettiMatching(volume, volume, { largestVolume: 20 })).toThrow(
      'bettiMatching: got a volume of 27 voxels, wanted at most 20; match it block by block, or raise largestVolume',
    );
  });
});
