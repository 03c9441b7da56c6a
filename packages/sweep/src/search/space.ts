import { canonicalJson } from '../spec/canonical-json.js';
import type { Point } from '../plan/axes.js';
import { nearestName } from '@lacuna/core';
import { formatPlace, placeOf, plain, type Place, type Tree } from '../spec/tree.js';
import { refuse } from '../spec/validate.js';
import type { DimensionSpec, SearchSpec } from './search-spec.js';
import type { Label, Labels, StudyDimension } from './study.js';

/** What Optuna calls the choice of the method, where there are several. */
export const METHOD = 'method';

/** One field that is searched over, with where the spec says so. */
export interface Dimension {
  readonly path: string;
  readonly spec: DimensionSpec;
  readonly tree: Tree;
}

/** The fields of a search in the order of the spec. */
export function dimensionsOf(search: Tree, { space }: SearchSpec): Dimension[] {
  const map = search.kind === 'map' ? search.entries.get('space')?.value : undefined;
  const entries = map?.kind === 'map' ? map.entries : new Map<string, { value: Tree }>();
  return Object.entries(space).map(([path, spec]) => ({ path, spec, tree: entries.get(path)!.value }));
}

/** Methods that fields name and that are not there, and values that a choice has twice: a line each. */
export function problemsOfSpace(dimensions: readonly Dimension[], methods: readonly string[]): string[] {
  return dimensions.flatMap(({ path, spec, tree }) => {
    const who = (key: string) => `${formatPlace(placeOf(tree, [key]))}: search.space.${path}.${key}`;
    const unknown = (spec.methods ?? []).filter((name) => !methods.includes(name));
    const lines = unknown.map((name) => {
      const near = nearestName(name, methods);
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      const wanted = `methods of the sweep (${methods.join(', ')})`;
      return `${who('methods')}: got ${JSON.stringify(name)}, wanted ${wanted}${hint}`;
    });
    if (!('choice' in spec)) return lines;
    const labels = spec.choice.map(labelOf);
    const twice = labels.find((label, i) => labels.indexOf(label) < i);
    return twice === undefined ? lines : [...lines, `${who('choice')}: got ${twice} twice, wanted each value once`];
  });
}

/** Whether a field exists under a method. */
const existsUnder = ({ spec }: Dimension, method: string): boolean => spec.methods?.includes(method) ?? true;

/** What Optuna is told of the space: the method first, where there are several to choose from. */
export function studyDimensions(dimensions: readonly Dimension[], methods: readonly string[]): StudyDimension[] {
  const choice: StudyDimension = { name: METHOD, kind: 'choice', choices: methods, methods: null };
  const fields = dimensions.map(({ path, spec }): StudyDimension => {
    const common = { name: path, methods: spec.methods ?? null };
    if ('choice' in spec) return { ...common, kind: 'choice', choices: spec.choice.map(labelOf) };
    const { log, step = null } = spec;
    const [low, high] = 'float' in spec ? spec.float : spec.int;
    return { ...common, kind: 'float' in spec ? 'float' : 'int', low, high, log, step };
  });
  return methods.length > 1 ? [choice, ...fields] : fields;
}

/** A value as Optuna keeps it. */
function labelOf(value: unknown): Label {
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return isPlain ? (value as Label) : canonicalJson(value);
}

/** The fields of a method with the values that Optuna chose. */
export function pointOf(dimensions: readonly Dimension[], labels: Labels, method: string): Point {
  return dimensions
    .filter((dimension) => existsUnder(dimension, method))
    .map((dimension) => ({ path: dimension.path, value: valueOf(dimension, labels[dimension.path]) }));
}

function valueOf({ spec, tree, path }: Dimension, label: Label): Tree {
  if (!('choice' in spec)) return { kind: 'scalar', place: rangePlace(tree), value: label };
  const items = tree.kind === 'map' ? tree.entries.get('choice')?.value : undefined;
  const at = spec.choice.findIndex((value) => labelOf(value) === label);
  if (items?.kind !== 'list' || at < 0)
    return refuse([
      `${formatPlace(tree.place)}: search.space.${path}: got ${String(label)}, wanted one of its choices`,
    ]);
  return items.items[at];
}

/** Where a range is written. */
function rangePlace(tree: Tree): Place {
  return placeOf(tree, [tree.kind === 'map' && tree.entries.has('float') ? 'float' : 'int'], 'key');
}

/**
 * Points that stand for all: what is wrong with a field shows at one of them. The lowest and the highest of every
 * range, and every choice.
 */
export function cornersOf(dimensions: readonly Dimension[], method: string): Labels[] {
  const mine = dimensions.filter((dimension) => existsUnder(dimension, method));
  const corner = (pick: (values: readonly Label[]) => Label): Labels =>
    Object.fromEntries(mine.map((dimension) => [dimension.path, pick(endsOf(dimension))]));
  const low = corner((values) => values[0]);
  const high = corner((values) => values.at(-1)!);
  const between = mine.flatMap((dimension) =>
    endsOf(dimension)
      .slice(1, -1)
      .map((label) => ({ ...low, [dimension.path]: label })),
  );
  return [low, high, ...between];
}

function endsOf({ spec }: Dimension): readonly Label[] {
  if ('choice' in spec) return spec.choice.map(labelOf);
  return 'float' in spec ? spec.float : spec.int;
}

/** The point that settings are, or why they are none. */
export function pointIn(
  dimensions: readonly Dimension[],
  config: unknown,
  method: string,
): { point: Labels } | { problems: string[] } {
  const problems: string[] = [];
  const point: Record<string, Label> = {};
  for (const dimension of dimensions.filter((each) => existsUnder(each, method))) {
    const value = plainAt(config, dimension.path);
    const label = value === undefined ? undefined : labelOf(value);
    if (label !== undefined && isWithin(dimension, label)) point[dimension.path] = label;
    else
      problems.push(
        `${formatPlace(placeOf(dimension.tree, []))}: search.start: got ${JSON.stringify(value) ?? 'no value'} for ` +
          `${dimension.path} of ${method}, wanted a value within its space; widen the space, or leave out start`,
      );
  }
  return problems.length > 0 ? { problems } : { point };
}

function plainAt(config: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[key], config);
}

function isWithin({ spec }: Dimension, label: Label): boolean {
  if ('choice' in spec) return spec.choice.some((value) => labelOf(value) === label);
  if (typeof label !== 'number') return false;
  const [low, high] = 'float' in spec ? spec.float : spec.int;
  const steps = spec.step === undefined ? 0 : (label - low) / spec.step;
  return low <= label && label <= high && Math.abs(steps - Math.round(steps)) < 1e-9;
}

/** A point in plain values, as trials show it. */
export const plainPoint = (point: Point): Record<string, unknown> =>
  Object.fromEntries(point.map(({ path, value }) => [path, plain(value)]));
