import { z } from 'zod';
import { nearestName } from '@lacuna/core';
import { axisPoints, countPoints } from './axes.js';
import type { BudgetSpec } from '../budget/budget-spec.js';
import { inOrder, type Link } from './follow.js';
import { LIMITS } from '../spec/limits.js';
import { mergeTrees, setPath } from '../spec/merge-trees.js';
import { readTree } from '../spec/read-tree.js';
import { applySets, leavesOut, optionsIn } from '../spec/sets.js';
import { resolvePaths } from '../spec/spec-paths.js';
import type { SearchSpec } from '../search/search-spec.js';
import { planSearch, type Objectives, type Search } from '../search/plan-search.js';
import { sweepKeys, sweepShape } from './sweep-shape.js';
import { formatPlace, placeOf, plain, takeKeys, type Tree } from '../spec/tree.js';
import { TrialList, type Trial } from './trial-list.js';
import { TrialProblems } from './trial-problems.js';
import { parseWith, refuse } from '../spec/validate.js';

/** A spec read and checked, with its trials. */
export interface Sweep<Config, Common> {
  readonly name: string;
  readonly description: string;
  readonly common: Common;
  /** Of a search those of the points that were chosen so far. */
  readonly trials: readonly Trial<Config>[];
  /** Null where the trials are those of the axes. */
  readonly search: Search<Config> | null;
  /** After which no trial begins any more; null for none. */
  readonly budget: BudgetSpec | null;
  /** The whole spec after `extends` and `--set`, as it may be stored. */
  readonly resolved: unknown;
}

/** How a spec is read. */
export interface PlanOptions<C extends z.ZodType, D extends z.ZodObject> {
  /** Schema of one trial: a strict object. Text that is a path has `format: 'path'` in its `meta`. */
  readonly trial: C;
  /** Further keys of the whole sweep that decide no result (tracking, figures). */
  readonly common: D;
  /** `path=value`, as `--set` gives them. */
  readonly sets?: readonly string[];
  /** Methods to plan; all by default. */
  readonly only?: readonly string[];
  /** The part of a trial's settings that can decide its result: this makes its id. All of them by default. */
  readonly identity?: (config: z.infer<C>) => unknown;
  /** What else decides a result: code version, digest of the data. */
  readonly fingerprint: (config: z.infer<C>) => unknown;
  /** The method whose trial of the same axes and seed a trial goes on from. */
  readonly after?: (config: z.infer<C>) => Link | null;
  /** The scores that a search may go by; any by default. */
  readonly objectives?: (config: z.infer<C>) => Objectives;
  /** Short text for an axis value in a name. */
  readonly label?: (path: string, value: unknown) => string;
}

/**
 * Reads a spec and plans its trials: methods times crossed axes times zipped axes times seeds, in this order; what a
 * trial goes on from stands before it.
 * @throws {SpecError} listing every problem with file, line and column.
 */
export function loadSweep<C extends z.ZodType, D extends z.ZodObject>(
  path: string,
  options: PlanOptions<C, D>,
): Sweep<z.infer<C>, z.infer<D>> {
  return planTree(applySets(readTree(path), options.sets ?? []), options);
}

/** Plans the trials of a tree. */
export function planTree<C extends z.ZodType, D extends z.ZodObject>(
  tree: Tree,
  options: PlanOptions<C, D>,
): Sweep<z.infer<C>, z.infer<D>> {
  const { sweep, common, base, taken } = parseSweep(tree, options);
  const variants = variantsOf(base, taken.get('methods'));
  const axes = taken.get('axes');
  refuseTooMany(tree, variants.length * countPoints(axes) * sweep.seeds.length);
  const plan = {
    tree,
    options,
    variants,
    chosen: chooseMethods(variants, options.only),
    problems: new TrialProblems(variants.length),
    reached: new Set(optionsOfSweep(tree, options.common)),
  };
  const trials = sweep.search ? [] : trialsOfAxes(plan, axes, sweep.seeds);
  const search = sweep.search ? searchOf(plan, taken, { spec: sweep.search, seeds: sweep.seeds }) : null;
  refuseIdle(options.sets ?? [], plan.reached);
  const { name, description, budget = null } = sweep;
  return { name, description, common, trials, search, budget, resolved: plain(tree) };
}

/** A tree that is being planned. */
interface Plan<C extends z.ZodType, D extends z.ZodObject> {
  readonly tree: Tree;
  readonly options: PlanOptions<C, D>;
  readonly variants: readonly Variant[];
  readonly chosen: ReadonlySet<string>;
  readonly problems: TrialProblems;
  /** Options of the command line that reach the sweep or a trial. */
  readonly reached: Set<string>;
}

function trialsOfAxes<C extends z.ZodType, D extends z.ZodObject>(
  { tree, options, variants, chosen, problems, reached }: Plan<C, D>,
  axes: Tree | undefined,
  seeds: readonly number[],
): readonly Trial<z.infer<C>>[] {
  const trials = new TrialList<z.infer<C>>(tree, seeds, options);
  for (const point of axisPoints(axes)) {
    const trees = new Map(
      variants.map(({ method, tree: variant }) => [
        method,
        point.reduce((made, { path, value }) => setPath(made, path, value), variant),
      ]),
    );
    for (const merged of trees.values()) for (const option of optionsIn(merged)) reached.add(option);
    const configs = new Configs(trees, options, problems);
    const order = inOrder({
      chosen: [...trees.keys()].filter((method) => chosen.has(method)),
      known: [...trees.keys()],
      linkOf: (method) => configs.linkOf(method),
      onProblem(method, link, problem) {
        const place = formatPlace(placeOf(trees.get(method)!, link.path));
        problems.add(method, [`${place}: ${link.path.join('.')}: ${problem}`]);
      },
    });
    for (const method of order) {
      const config = configs.of(method);
      if (config !== null) trials.add({ method, point, config, after: configs.linkOf(method)?.method ?? null });
    }
    if (problems.isEnough()) break;
  }
  const all = [...problems.lines(), ...trials.problems];
  return all.length > 0 ? refuse(all) : trials.list;
}

function searchOf<C extends z.ZodType, D extends z.ZodObject>(
  { tree, options, variants, chosen, problems, reached }: Plan<C, D>,
  taken: ReadonlyMap<string, Tree>,
  { spec, seeds }: { readonly spec: SearchSpec; readonly seeds: readonly number[] },
): Search<z.infer<C>> {
  refuseBoth(tree, taken, { spec, seeds });
  const search = planSearch<z.infer<C>>({
    spec,
    tree: taken.get('search')!,
    variants: new Map(variants.filter(({ method }) => chosen.has(method)).map((each) => [each.method, each.tree])),
    seeds,
    naming: options,
    objectives: options.objectives,
    problems,
    onTree(merged) {
      for (const option of optionsIn(merged)) reached.add(option);
    },
    read: (merged) => readConfig(merged, options),
  });
  return search ?? refuse(problems.lines());
}

/** What a search cannot be together with. */
function refuseBoth(
  tree: Tree,
  taken: ReadonlyMap<string, Tree>,
  { spec, seeds }: { readonly spec: SearchSpec; readonly seeds: readonly number[] },
): void {
  const place = formatPlace(placeOf(tree, ['search'], 'key'));
  if (countPoints(taken.get('axes')) > 1)
    refuse([
      `${place}: search: got axes beside it, wanted one of them; axes: {} takes axes away, search: null the search`,
    ]);
  if (spec.prune?.kind === 'wilcoxon' && seeds.length < 2)
    refuse([
      `${place}: search.prune: got wilcoxon with one seed, wanted several (seeds: [0, 1, 2]): ` +
        'it decides after each seed whether a point gets another',
    ]);
}

/** Settings of a trial's tree, or what is wrong with them. */
function readConfig<C extends z.ZodType, D extends z.ZodObject>(
  tree: Tree,
  { trial, common }: PlanOptions<C, D>,
): { value: z.infer<C> } | { problems: string[] } {
  return parseWith(resolvePaths(tree, trial), trial, alsoValid(common));
}

/** The settings of each method at one point of the axes, read when they are asked for. */
class Configs<C extends z.ZodType, D extends z.ZodObject> {
  private readonly read = new Map<string, z.infer<C> | null>();
  private readonly trees: ReadonlyMap<string, Tree>;
  private readonly options: PlanOptions<C, D>;
  private readonly problems: TrialProblems;

  constructor(trees: ReadonlyMap<string, Tree>, options: PlanOptions<C, D>, problems: TrialProblems) {
    this.trees = trees;
    this.options = options;
    this.problems = problems;
  }

  /** Null where they do not hold; what is wrong is then among the problems. */
  of(method: string): z.infer<C> | null {
    const known = this.read.get(method);
    if (known !== undefined) return known;
    const parsed = readConfig(this.trees.get(method)!, this.options);
    if ('problems' in parsed) this.problems.add(method, parsed.problems);
    const config = 'problems' in parsed ? null : parsed.value;
    this.read.set(method, config);
    return config;
  }

  linkOf(method: string): Link | null {
    const config = this.of(method);
    return config === null ? null : (this.options.after?.(config) ?? null);
  }
}

const alsoValid = (common: z.ZodObject): string[] => [...sweepKeys, ...Object.keys(common.shape)];

/** The parts of a spec that belong to the whole sweep, and the rest, which every trial begins with. */
function parseSweep<C extends z.ZodType, D extends z.ZodObject>(tree: Tree, options: PlanOptions<C, D>) {
  const commonKeys = Object.keys(options.common.shape);
  const { rest: base, taken } = takeKeys(tree, [...sweepKeys, ...commonKeys]);
  const sweep = parseWith(pickKeys(tree, sweepKeys), z.strictObject(sweepShape));
  const common = parseWith(pickKeys(tree, commonKeys), options.common);
  if (!('problems' in sweep) && !('problems' in common))
    return { sweep: sweep.value, common: common.value as z.infer<D>, base, taken };
  // What is wrong with trials is said as well, as far as methods are maps.
  const problems = new TrialProblems(variantsOf(base, taken.get('methods')).length);
  for (const { method, tree: variant } of variantsOf(base, taken.get('methods'))) {
    const parsed = parseWith(variant, options.trial, alsoValid(options.common));
    if ('problems' in parsed) problems.add(method, parsed.problems);
  }
  return refuse([
    ...('problems' in sweep ? sweep.problems : []),
    ...('problems' in common ? common.problems : []),
    ...problems.lines(),
  ]);
}

function pickKeys(tree: Tree, keys: readonly string[]): Tree {
  const { taken } = takeKeys(tree, keys);
  const entries = tree.kind === 'map' ? [...tree.entries].filter(([key]) => taken.has(key)) : [];
  return { kind: 'map', place: tree.place, entries: new Map(entries) };
}

interface Variant {
  readonly method: string;
  readonly tree: Tree;
}

/** Each method with what all share; without methods there is one, `default`. */
function variantsOf(base: Tree, methods: Tree | undefined): Variant[] {
  if (methods?.kind !== 'map') return [{ method: 'default', tree: base }];
  return [...methods.entries]
    .filter(([, { value }]) => value.kind === 'map')
    .map(([method, { value }]) => ({ method, tree: mergeTrees(base, value) }));
}

function chooseMethods(variants: readonly Variant[], only: readonly string[] | undefined): ReadonlySet<string> {
  const names = variants.map(({ method }) => method);
  if (!only) return new Set(names);
  const unknown = only.filter((name) => !names.includes(name));
  if (only.length === 0) refuse([`--only: got no method, wanted some of ${names.join(', ')}`]);
  if (unknown.length > 0)
    refuse(
      unknown.map((name) => {
        const near = nearestName(name, names);
        const hint = near === undefined ? '' : `; did you mean ${near}?`;
        return `--only ${name}: got an unknown method, wanted some of ${names.join(', ')}${hint}`;
      }),
    );
  return new Set(only);
}

function refuseTooMany(tree: Tree, count: number): void {
  if (count <= LIMITS.trials) return;
  const [got, most] = [count, LIMITS.trials].map((number) => number.toLocaleString('en'));
  refuse([`${tree.place.file}: methods times axes times seeds: got ${got} trials, wanted at most ${most}`]);
}

/** Options that wrote something which belongs to the whole sweep. */
function optionsOfSweep(tree: Tree, common: z.ZodObject): ReadonlySet<string> {
  // Of `methods`, only what reaches a trial counts.
  const keys = alsoValid(common).filter((key) => key !== 'methods');
  return optionsIn(pickKeys(tree, keys));
}

/** An override that no trial has: every method, or an axis, sets the same field again. */
function refuseIdle(sets: readonly string[], reached: ReadonlySet<string>): void {
  const names = sets.filter((set) => !leavesOut(set)).map((set) => set.slice(0, set.indexOf('=')));
  // Of two overrides of one path the later wins, as everybody expects.
  const idle = names.filter((name) => !reached.has(`--set ${name}`));
  if (idle.length === 0) return;
  refuse(
    idle.map((name) => {
      const path = name.trim();
      return (
        `--set ${path}: got a value that reaches no trial, since every method or an axis sets it again, ` +
        `wanted one that changes something; name the method (--set methods.NAME.${path}=...) or the axis`
      );
    }),
  );
}
