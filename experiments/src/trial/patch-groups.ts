import { cropImage } from '@lacuna/core';
import { splitUnpaired, type PatchField, type PatchGroup, type Region } from '@lacuna/datasets';
import type { Pair } from './pair.js';
import { patchFields } from './patch-fields.js';
import type { PreparedData } from './prepare.js';

/** What a regime's patches are cut from. */
export interface PatchGroups {
  readonly groups: PatchGroup[];
  /** How two training sets lie apart; null where there is one. */
  readonly separation: string | null;
}

/** The fields that a regime names: of each place in one group, or in two groups that share no place. */
export function patchGroups(
  data: PreparedData,
  fields: readonly string[],
  options: { factor: number; guard: number },
): PatchGroups {
  if (fields.includes('hrUnpaired')) return unpairedGroups(data, options);
  const regions = data.training.map((pair) => ({
    lrWidth: pair.lr.width,
    lrHeight: pair.lr.height,
    fields: patchFields(pair, fields, data.segment),
  }));
  return { separation: null, groups: [{ name: 'pairs', regions }] };
}

/** LR and HR images of places that are not the same. */
function unpairedGroups(data: PreparedData, { factor, guard }: { factor: number; guard: number }): PatchGroups {
  const halves = splitUnpaired(
    data.training.map(({ region }) => region as Region<'training'>),
    { guard, multiple: factor },
  );
  const group = (name: string, half: readonly Region[], field: (pair: Pair) => PatchField): PatchGroup => ({
    name,
    regions: half.map((region) => {
      const whole = data.training.find((candidate) => contains(candidate.region, region))!;
      const cut = cropPair(whole, region, factor);
      return { lrWidth: cut.lr.width, lrHeight: cut.lr.height, fields: [field(cut)] };
    }),
  });
  const scalar = { channels: 1, kind: 'scalar' } as const;
  return {
    separation: halves.words,
    groups: [
      group('lr', halves.lr, ({ lr }) => ({ ...scalar, name: 'lr', data: lr.data, grid: 'lr' })),
      group('hr', halves.hr, ({ hr }) => ({ ...scalar, name: 'hrUnpaired', data: hr.data, grid: 'hr' })),
    ],
  };
}

function contains(outer: Region, inner: Region): boolean {
  const a = outer.box;
  const b = inner.box;
  return (
    a.image === b.image &&
    b.x >= a.x &&
    b.y >= a.y &&
    b.x + b.width <= a.x + a.width &&
    b.y + b.height <= a.y + a.height
  );
}

function cropPair(whole: Pair, region: Region, factor: number): Pair {
  const x = region.box.x - whole.region.box.x;
  const y = region.box.y - whole.region.box.y;
  const { width, height } = region.box;
  return {
    region,
    truth: null,
    forward: whole.forward,
    hr: cropImage(whole.hr, { x, y, width, height }),
    lr: cropImage(whole.lr, { x: x / factor, y: y / factor, width: width / factor, height: height / factor }),
  };
}
