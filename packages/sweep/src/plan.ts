import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '@lacuna/core';
import { formatPlace, mergeTrees, parseTree, placeOf, plain, readTree, setPath, takeKeys, type Tree } from './tree.js';
import { parseWith, refuse } from './validate.js';

/** The keys of a spec that say which trials there are; everything else describes one trial. */
const axis = z.record(z.string(), z.array(z.unknown()).min(1));
const sweepShape = {
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dot, dash, underscore'),
  description: z.string().default(''),
  methods: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .refine((methods) => Object.keys(methods).length > 0, 'at least one method')
    .optional()
    .describe('named variants: what each one changes'),
  axes: z.strictObject({ cross: axis.optional(), zip: axis.optional() }).default({}),
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'each seed once')
    .default([0]),
};
const sweepKeys = Object.keys(sweepShape);

/** One point of the axes: everything that one process trains and measures. */
export interface Trial<Config> {
  /** Hash of all that decides the result. */
  readonly id: string;
  /** "geometry, x4, seed 1". */
  readonly name: string;
  /** All but the seed: trials of one group are repetitions. */
  readonly group: string;
  readonly method: string;
  readonly axes: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly config: Config;
}

/** A spec read and checked, with its trials. */
export interface Sweep<Config, Common> {
  readonly name: string;
  readonly description: string;
  readonly common: Common;
  readonly trials: readonly Trial<Config>[];
  /** The whole spec after `extends` and `--set`, as it may be stored. */
  readonly resolved: unknown;
}

/** How a spec is read. */
export interface PlanOptions<C extends z.ZodType, D extends z.ZodObject> {
  /** Schema of one trial: a strict object. */
  readonly trial: C;
  /** Further keys of the whole sweep that decide no result (tracking, figures). */
  readonly common: D;
  /** `path=value`, as `--set` gives them. */
  readonly sets?: readonly string[];
  /** What else decides a result: code version, digest of the data. */
  readonly fingerprint: (config: z.infer<C>) => unknown;
  /** Short text for an axis value in a name. */
  readonly label?: (path: string, value: unknown) => string;
}

/**
 * Reads a spec and plans its trials: methods times crossed axes times zipped axes times seeds, in this order.
 * @throws {SpecError} listing every problem with file, line and column.
 */
export function loadSweep<C extends z.ZodType, D extends z.ZodObject>(
  path: string,
  options: PlanOptions<C, D>,
): Sweep<z.infer<C>, z.infer<D>> {
  return planTree(applySets(readTree(path), options.sets ?? []), options);
}

/** Applies `path=value` pairs; values are YAML. */
export function applySets(tree: Tree, sets: readonly string[]): Tree {
  return sets.reduce((at, set) => {
    const [, path, text] = /^([^=]+)=(.*)$/s.exec(set) ?? [];
    if (path === undefined || text === undefined)
      throw new InputError({
        who: `--set ${set}`,
        got: set.includes('=') ? 'no path' : 'no =',
        wanted: '--set path=value',
      });
    const parsed = parseTree(text === '' ? "''" : text, `--set ${path}`);
    return setPath(at, path.trim(), relocate(parsed, `--set ${path}`));
  }, tree);
}

/** Line and column mean nothing inside an option: its name is the place. */
function relocate(tree: Tree, file: string): Tree {
  const place = { file, line: 0, column: 0 };
  if (tree.kind === 'list') return { ...tree, place, items: tree.items.map((item) => relocate(item, file)) };
  if (tree.kind === 'map')
    return {
      ...tree,
      place,
      entries: new Map(
        [...tree.entries].map(([key, { value }]) => [key, { key: place, value: relocate(value, file) }]),
      ),
    };
  return { ...tree, place };
}

/** Plans the trials of a tree. */
export function planTree<C extends z.ZodType, D extends z.ZodObject>(
  tree: Tree,
  options: PlanOptions<C, D>,
): Sweep<z.infer<C>, z.infer<D>> {
  const commonKeys = Object.keys(options.common.shape);
  const { rest: base, taken } = takeKeys(tree, [...sweepKeys, ...commonKeys]);
  const pick = (keys: readonly string[]): Tree => ({
    kind: 'map',
    place: tree.place,
    entries: new Map(
      keys.flatMap((key) => {
        const entry = tree.kind === 'map' ? tree.entries.get(key) : undefined;
        return entry ? [[key, entry] as const] : [];
      }),
    ),
  });
  const sweep = parseWith(pick(sweepKeys), z.strictObject(sweepShape));
  const common = parseWith(pick(commonKeys), options.common);
  const problems = [...('problems' in sweep ? sweep.problems : []), ...('problems' in common ? common.problems : [])];
  const parseTrial = (at: Tree) => parseWith(at, options.trial, [...sweepKeys, ...commonKeys]);
  if ('problems' in sweep || 'problems' in common) {
    const methods = taken.get('methods');
    const variants =
      methods?.kind === 'map' ? [...methods.entries.values()].map(({ value }) => mergeTrees(base, value)) : [base];
    return refuse([
      ...problems,
      ...variants
        .filter(({ kind }) => kind === 'map')
        .map(parseTrial)
        .flatMap((parsed) => ('problems' in parsed ? parsed.problems : [])),
    ]);
  }

  const { name, description, methods, axes, seeds } = sweep.value;
  const methodsTree = taken.get('methods');
  const variants: { method: string; tree: Tree }[] =
    methods === undefined
      ? [{ method: 'default', tree: base }]
      : [...(methodsTree as Extract<Tree, { kind: 'map' }>).entries].map(([method, { value }]) => ({
          method,
          tree: mergeTrees(base, value),
        }));
  const points = axisPoints(axes, taken.get('axes'));
  const trials: Trial<z.infer<C>>[] = [];
  const ids = new Map<string, string>();
  for (const point of points) {
    for (const { method, tree: variant } of variants) {
      const at = point.reduce((made, { path, value }) => setPath(made, path, value), variant);
      const parsed = parseTrial(at);
      if ('problems' in parsed) {
        problems.push(...parsed.problems);
        continue;
      }
      const config = parsed.value;
      const labels = point.map(
        ({ path, value }) =>
          options.label?.(path, plain(value)) ?? `${path.split('.').at(-1)} ${JSON.stringify(plain(value))}`,
      );
      const group = [method, ...labels].join(', ');
      const fingerprint = options.fingerprint(config);
      for (const seed of seeds) {
        const id = createHash('sha256').update(canonicalJson({ config, seed, fingerprint })).digest('hex').slice(0, 12);
        const title = seeds.length > 1 || seed !== 0 ? `${group}, seed ${seed}` : group;
        const twin = ids.get(id);
        if (twin !== undefined) {
          problems.push(
            `${formatPlace(placeOf(tree, ['methods', method]))}: ${title}: got the very settings of ${twin}, ` +
              'wanted trials that differ',
          );
          continue;
        }
        ids.set(id, title);
        trials.push({
          id,
          name: title,
          group,
          method,
          axes: Object.fromEntries(point.map(({ path, value }) => [path, plain(value)])),
          seed,
          config,
        });
      }
    }
  }
  if (problems.length > 0) return refuse(problems);
  return { name, description, common: common.value, trials, resolved: plain(tree) };
}

type Point = readonly { readonly path: string; readonly value: Tree }[];

/** Crossed axes multiply; zipped ones advance together and must be of one length. */
function axisPoints(
  axes: { cross?: Record<string, unknown[]> | undefined; zip?: Record<string, unknown[]> | undefined },
  tree: Tree | undefined,
): Point[] {
  const values = (group: 'cross' | 'zip', path: string): readonly Tree[] => {
    const map = tree?.kind === 'map' ? tree.entries.get(group)?.value : undefined;
    const list = map?.kind === 'map' ? map.entries.get(path)?.value : undefined;
    return list?.kind === 'list' ? list.items : [];
  };
  let points: Point[] = [[]];
  for (const path of Object.keys(axes.cross ?? {}))
    points = points.flatMap((point) => values('cross', path).map((value) => [...point, { path, value }]));
  const zipped = Object.keys(axes.zip ?? {});
  if (zipped.length > 0) {
    const lengths = zipped.map((path) => values('zip', path).length);
    if (new Set(lengths).size > 1)
      refuse([
        `${tree ? formatPlace(placeOf(tree, ['zip'])) : 'axes.zip'}: axes.zip: got lists of ` +
          `${lengths.join(', ')} values, wanted lists of one length`,
      ]);
    points = points.flatMap((point) =>
      Array.from({ length: lengths[0] }, (_, i) => [
        ...point,
        ...zipped.map((path) => ({ path, value: values('zip', path)[i] })),
      ]),
    );
  }
  return points;
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
