import { refuse } from '../spec/validate.js';
import { formatPlace, placeOf, type Tree } from '../spec/tree.js';

/** What one trial has in place of the spec's own values: a value for each path of the axes. */
export type Point = readonly { readonly path: string; readonly value: Tree }[];

type Lists = ReadonlyMap<string, readonly Tree[]>;

/** The lists of `axes.cross` or `axes.zip`, by path. */
function listsOf(axes: Tree | undefined, group: 'cross' | 'zip'): Lists {
  const map = axes?.kind === 'map' ? axes.entries.get(group)?.value : undefined;
  if (map?.kind !== 'map') return new Map();
  return new Map([...map.entries].map(([path, { value }]) => [path, value.kind === 'list' ? value.items : []]));
}

/** How many points there are, without making them. */
export function countPoints(axes: Tree | undefined): number {
  const crossed = [...listsOf(axes, 'cross').values()].reduce((count, { length }) => count * length, 1);
  const [zipped] = listsOf(axes, 'zip').values();
  return crossed * (zipped?.length ?? 1);
}

/** Crossed axes multiply; zipped ones advance together and must be of one length. */
export function axisPoints(axes: Tree | undefined): Point[] {
  let points: Point[] = [[]];
  for (const [path, values] of listsOf(axes, 'cross'))
    points = points.flatMap((point) => values.map((value) => [...point, { path, value }]));
  const zipped = [...listsOf(axes, 'zip')];
  if (zipped.length === 0) return points;
  const lengths = zipped.map(([, values]) => values.length);
  if (new Set(lengths).size > 1)
    refuse([
      `${axes ? formatPlace(placeOf(axes, ['zip'])) : 'axes.zip'}: axes.zip: got lists of ${lengths.join(', ')} ` +
        'values, wanted lists of one length',
    ]);
  const steps = zipped[0][1].map((_, i) => zipped.map(([path, values]) => ({ path, value: values[i] })));
  return points.flatMap((point) => steps.map((step) => [...point, ...step]));
}
