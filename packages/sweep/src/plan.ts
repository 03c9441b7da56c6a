import { createHash } from 'node:crypto';
import { z } from 'zod';
import { nearestName } from '@lacuna/core';
import { axisPoints, countPoints, type Point } from './axes.js';
import { canonicalJson } from './canonical-json.js';
import { inOrder, type Link } from './follow.js';
import { LIMITS } from './limits.js';
import { mergeTrees, setPath } from './merge-trees.js';
import { readTree } from './read-tree.js';
import { applySets, leavesOut, optionsIn } from './sets.js';
import { resolvePaths } from './spec-paths.js';
import { sweepKeys, sweepShape } from './sweep-shape.js';
import { formatPlace, placeOf, plain, takeKeys, type Tree } from './tree.js';
import { parseWith, refuse } from './validate.js';

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
  /** Id of the trial that this one goes on from; it stands before it in the plan. */
  readonly after?: string;
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
  const chosen = chooseMethods(variants, options.only);
  const trials = new TrialList<z.infer<C>>(tree, sweep.seeds, options);
  const problems = new TrialProblems(variants.length);
  const reached = new Set(optionsOfSweep(tree, options.common));
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
  if (all.length > 0) return refuse(all);
  refuseIdle(options.sets ?? [], reached);
  const { name, description } = sweep;
  return { name, description, common, trials: trials.list, resolved: plain(tree) };
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
    const { trial, common } = this.options;
    const parsed = parseWith(resolvePaths(this.trees.get(method)!, trial), trial, alsoValid(common));
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

/** The problems of trials; one that only some methods have names them. */
class TrialProblems {
  private readonly methods: number;
  private readonly found = new Map<string, Set<string>>();

  constructor(methods: number) {
    this.methods = methods;
  }

  add(method: string, problems: readonly string[]): void {
    for (const problem of problems) this.found.set(problem, (this.found.get(problem) ?? new Set()).add(method));
  }

  isEnough(): boolean {
    return this.found.size >= 100;
  }

  lines(): string[] {
    return [...this.found].map(([problem, names]) =>
      names.size === this.methods
        ? problem
        : `${problem} (${names.size === 1 ? 'method' : 'methods'} ${[...names].join(', ')})`,
    );
  }
}

/** What a trial's id and name are made of besides its settings. */
interface Naming<Config> {
  readonly identity?: (config: Config) => unknown;
  readonly fingerprint: (config: Config) => unknown;
  readonly label?: (path: string, value: unknown) => string;
}

/** Trials of one method at one point of the axes. */
interface Added<Config> {
  readonly method: string;
  readonly point: Point;
  readonly config: Config;
  readonly after: string | null;
}

/** Trials with their ids; two of the same settings are a problem. */
class TrialList<Config> {
  readonly list: Trial<Config>[] = [];
  readonly problems: string[] = [];
  private readonly titles = new Map<string, string>();
  /** By name. */
  private readonly ids = new Map<string, string>();
  private readonly tree: Tree;
  private readonly seeds: readonly number[];
  private readonly naming: Naming<Config>;

  constructor(tree: Tree, seeds: readonly number[], naming: Naming<Config>) {
    this.tree = tree;
    this.seeds = seeds;
    this.naming = naming;
  }

  /** @param added.after the method whose trials these go on from, added before. */
  add({ method, point, config, after }: Added<Config>): void {
    const { identity, fingerprint, label } = this.naming;
    const labels = point.map(({ path, value }) => {
      const text = plain(value);
      return label?.(path, text) ?? `${path.split('.').at(-1)} ${JSON.stringify(text)}`;
    });
    const groupOf = (name: string) => [name, ...labels].join(', ');
    const group = groupOf(method);
    const axes = Object.fromEntries(point.map(({ path, value }) => [path, plain(value)]));
    const deciding = { config: identity?.(config) ?? config, fingerprint: fingerprint(config) };
    for (const seed of this.seeds) {
      const nameOf = (of: string) => (this.seeds.length > 1 || seed !== 0 ? `${of}, seed ${seed}` : of);
      const before = after === null ? undefined : this.ids.get(nameOf(groupOf(after)));
      const text = canonicalJson({ ...deciding, seed, after: before });
      const id = createHash('sha256').update(text).digest('hex').slice(0, 12);
      const name = nameOf(group);
      this.ids.set(name, id);
      const twin = this.titles.get(id);
      this.titles.set(id, twin ?? name);
      const follows = before === undefined ? {} : { after: before };
      if (twin === undefined) this.list.push({ id, name, group, method, axes, seed, config, ...follows });
      else this.refuseTwin(method, name, twin);
    }
  }

  private refuseTwin(method: string, name: string, twin: string): void {
    const place = formatPlace(placeOf(this.tree, ['methods', method]));
    this.problems.push(`${place}: ${name}: got the very settings of ${twin}, wanted trials that differ`);
  }
}
