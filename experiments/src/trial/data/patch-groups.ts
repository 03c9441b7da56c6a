import { cropImage } from '@lacuna/core';
import { byAxis, splitUnpaired, type Factor, type PatchField, type PatchGroup, type Region } from '@lacuna/datasets';
import type { Pair } from './pair.js';
import { cropScan } from './crop-scan.js';
import { patchFields, type NetworkTargets } from './patch-fields.js';
import type { PreparedData } from './prepare.js';
import { pairsFor } from '../view/slices.js';
import type { View } from '../view/view.js';

/** What a regime's patches are cut from. */
export interface PatchGroups {
  readonly groups: PatchGroup[];
  /** How two training sets lie apart; null where there is one. */
  readonly separation: string | null;
}

/**
 * The fields that a regime names: of each place in one group, or in two groups that share no place.
 * @param options.factor by the axes of what the model sees.
 */
export function patchGroups(
  data: PreparedData,
  fields: readonly string[],
  options: { factor: Factor; guard: number; view: View; targets?: NetworkTargets['from'] },
): PatchGroups {
  const seen = data.training.flatMap((pair) => pairsFor(pair, options.view));
  if (fields.includes('hrUnpaired')) return unpairedGroups(seen, options);
  const regions = seen.map((pair) => ({
    lrWidth: pair.lr.width,
    lrHeight: pair.lr.height,
    lrDepth: pair.lr.depth,
    fields: patchFields(pair, fields, { from: options.targets ?? 'image', segment: data.segment }),
  }));
  return { separation: null, groups: [{ name: 'pairs', regions }] };
}

/** LR and HR images of places that are not the same. */
function unpairedGroups(training: readonly Pair[], { factor, guard }: { factor: Factor; guard: number }): PatchGroups {
  const halves = splitUnpaired(
    training.map(({ region }) => region as Region<'training'>),
    { guard, multiple: factor },
  );
  const group = (name: string, half: readonly Region[], field: (pair: Pair) => PatchField): PatchGroup => ({
    name,
    regions: half.map((region) => {
      const whole = training.find((candidate) => contains(candidate.region, region))!;
      const cut = cropPair(whole, region, factor);
      const { width, height, depth } = cut.lr;
      return { lrWidth: width, lrHeight: height, lrDepth: depth, fields: [field(cut)] };
    }),
  });
  const scalar = { channels: 1, kind: 'scalar' } as const;
  return {
    separation: halves.description,
    groups: [
      group('lr', halves.lr, ({ lr }) => ({ ...scalar, name: 'lr', data: lr.data, grid: 'lr' })),
      group('hr', halves.hr, ({ hr }) => ({ ...scalar, name: 'hrUnpaired', data: hr.data, grid: 'hr' })),
    ],
  };
}

function contains({ box: a }: Region, { box: b }: Region): boolean {
  const alongX = b.x >= a.x && b.x + b.width <= a.x + a.width;
  const alongY = b.y >= a.y && b.y + b.height <= a.y + a.height;
  const alongZ = b.z >= a.z && b.z + b.depth <= a.z + a.depth;
  return a.image === b.image && alongX && alongY && alongZ;
}

function cropPair(whole: Pair, region: Region, factor: Factor): Pair {
  const { box } = whole.region;
  const block = { ...region.box, x: region.box.x - box.x, y: region.box.y - box.y, z: region.box.z - box.z };
  return {
    region,
    truth: null,
    forward: whole.forward,
    hr: cropImage(whole.hr, block),
    lr: cropScan(whole.lr, block, byAxis(factor)),
  };
}
