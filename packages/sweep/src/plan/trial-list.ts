import { createHash } from 'node:crypto';
import type { Point } from './axes.js';
import { canonicalJson } from '../spec/canonical-json.js';
import { formatPlace, placeOf, plain, type Tree } from '../spec/tree.js';

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

/** What a trial's id and name are made of besides its settings. */
export interface Naming<Config> {
  readonly identity?: (config: Config) => unknown;
  readonly fingerprint: (config: Config) => unknown;
  readonly label?: (path: string, value: unknown) => string;
}

/** Makes the ids of trials of some settings, by seed and by what they go on from. */
export function identify<Config>(
  config: Config,
  { identity, fingerprint }: Omit<Naming<Config>, 'label'>,
): (seed: number, after?: string) => string {
  const deciding = { config: identity?.(config) ?? config, fingerprint: fingerprint(config) };
  return (seed, after) => {
    const text = canonicalJson({ ...deciding, seed, after });
    return createHash('sha256').update(text).digest('hex').slice(0, 12);
  };
}

/** Trials of one method at one point of the axes. */
interface Added<Config> {
  readonly method: string;
  readonly point: Point;
  readonly config: Config;
  readonly after: string | null;
}

/** Trials with their ids; two of the same settings are a problem. */
export class TrialList<Config> {
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
    const idOf = identify(config, { identity, fingerprint });
    for (const seed of this.seeds) {
      const nameOf = (of: string) => (this.seeds.length > 1 || seed !== 0 ? `${of}, seed ${seed}` : of);
      const before = after === null ? undefined : this.ids.get(nameOf(groupOf(after)));
      const id = idOf(seed, before);
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
