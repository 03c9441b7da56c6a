import { createHash } from 'node:crypto';
import { nearestName } from '@lacuna/core';
import { canonicalJson } from '../spec/canonical-json.js';
import { setPath } from '../spec/merge-trees.js';
import { formatPlace, placeOf, type Tree } from '../spec/tree.js';
import { identify, type Naming, type Trial } from '../plan/trial-list.js';
import type { TrialProblems } from '../plan/trial-problems.js';
import { refuse } from '../spec/validate.js';
import type { SearchSpec } from './search-spec.js';
import {
  METHOD,
  cornersOf,
  dimensionsOf,
  plainPoint,
  pointIn,
  pointOf,
  problemsOfSpace,
  studyDimensions,
  type Dimension,
} from './space.js';
import type { Labels, StudyDimension } from './study.js';

/** Scores that trials of some settings have. */
export interface Objectives {
  /** Once they have ended. */
  readonly all: readonly string[];
  /** At each validation during training. */
  readonly whileTraining: readonly string[];
}

/** A search that was read and checked: trials are made of points as they are chosen. */
export interface Search<Config> {
  readonly spec: SearchSpec;
  readonly dimensions: readonly StudyDimension[];
  /** The method of points that name none. */
  readonly method: string;
  /** Points that come before those that are chosen. */
  readonly first: readonly Labels[];
  /** Digest of all that makes scores comparable. */
  readonly settings: string;
  readonly seeds: readonly number[];
  /** Trials at the corners of the space: what must hold everywhere is tried on them before anything starts. */
  readonly probes: readonly Trial<Config>[];
  /**
   * The trials of a point, one a seed.
   * @throws {SpecError} where its values do not go together.
   */
  readonly plan: (number: number, point: Labels) => readonly Trial<Config>[];
}

/** What a search is planned from. */
export interface SearchParts<Config> {
  readonly spec: SearchSpec;
  /** Of the search. */
  readonly tree: Tree;
  readonly variants: ReadonlyMap<string, Tree>;
  readonly seeds: readonly number[];
  readonly naming: Naming<Config>;
  readonly objectives: ((config: Config) => Objectives) | undefined;
  /** Told of the trees that trials are read from. */
  readonly onTree: (tree: Tree) => void;
  /** Settings of a tree, or what is wrong with them. */
  readonly read: (tree: Tree) => { value: Config } | { problems: string[] };
  readonly problems: TrialProblems;
}

/**
 * Plans a search: the corners of its space are read as trials are, for every method.
 * @returns null where something is wrong, which is then among the problems.
 */
export function planSearch<Config>(parts: SearchParts<Config>): Search<Config> | null {
  const { spec, tree, variants, seeds, naming, problems } = parts;
  const methods = [...variants.keys()];
  const dimensions = dimensionsOf(tree, spec);
  const wrong = problemsOfSpace(dimensions, methods);
  if (wrong.length > 0) return refuse(wrong);
  const settingsAt = (method: string, labels: Labels) => {
    const point = pointOf(dimensions, labels, method);
    const merged = point.reduce((made, { path, value }) => setPath(made, path, value), variants.get(method)!);
    return { point: plainPoint(point), merged };
  };
  const trialsAt = (title: string, { config, point }: { config: Config; point: Record<string, unknown> }) => {
    const idOf = identify(config, naming);
    return seeds.map((seed): Trial<Config> => {
      const name = seeds.length > 1 ? `${title}, seed ${seed}` : title;
      return { id: idOf(seed), name, group: title, method: title, axes: point, seed, config };
    });
  };
  const probes = methods.flatMap((method) =>
    cornersOf(dimensions, method).flatMap((labels) => {
      const { point, merged } = settingsAt(method, labels);
      parts.onTree(merged);
      const parsed = parts.read(merged);
      if ('problems' in parsed) problems.add(method, parsed.problems);
      return 'problems' in parsed ? [] : trialsAt(method, { config: parsed.value, point });
    }),
  );
  if (!problems.isEmpty()) return null;
  refuseObjectives(parts, probes);
  return {
    spec,
    dimensions: studyDimensions(dimensions, methods),
    method: methods[0],
    first: firstPoints(parts, dimensions),
    settings: settingsDigest(spec, probes),
    seeds,
    probes,
    plan(number, labels) {
      const method = methods.length > 1 ? String(labels[METHOD]) : methods[0];
      const { point, merged } = settingsAt(method, labels);
      const parsed = parts.read(merged);
      if ('problems' in parsed) return refuse(parsed.problems);
      return trialsAt(`${method} #${number}`, { config: parsed.value, point });
    },
  };
}

/** What makes the scores of two points comparable. How many points are tried is none of it: there may be more. */
function settingsDigest({ trials: _, ...spec }: SearchSpec, probes: readonly { readonly id: string }[]): string {
  const text = canonicalJson({ spec, probes: probes.map(({ id }) => id) });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** With `start: spec` the spec's own values, for each method. */
function firstPoints<Config>(
  { spec, variants, read }: SearchParts<Config>,
  dimensions: readonly Dimension[],
): readonly Labels[] {
  if (spec.start !== 'spec') return [];
  return [...variants].map(([method, tree]) => {
    const parsed = read(tree);
    if ('problems' in parsed) return refuse(parsed.problems);
    const found = pointIn(dimensions, parsed.value, method);
    if ('problems' in found) return refuse(found.problems);
    return variants.size > 1 ? { [METHOD]: method, ...found.point } : found.point;
  });
}

/** Objectives must be scores that every trial has; what is pruned by must be there while it trains. */
function refuseObjectives<Config>(
  { spec, tree, objectives }: SearchParts<Config>,
  probes: readonly Trial<Config>[],
): void {
  if (!objectives) return;
  const known = probes.map(({ config, method }) => ({ method, ...objectives(config) }));
  const isPruned = spec.prune !== undefined && spec.prune.kind !== 'wilcoxon';
  const lines = (['maximise', 'minimise'] as const).flatMap((key) =>
    spec[key].flatMap((name, i) => {
      const who = `${formatPlace(placeOf(tree, [key, i]))}: search.${key}`;
      const lacking = known.find(({ all }) => !all.includes(name));
      if (lacking) return [`${who}: got ${JSON.stringify(name)}${wantedOf(name, lacking)}`];
      const late = isPruned && known.find(({ whileTraining }) => !whileTraining.includes(name));
      if (!late) return [];
      const wanted = `wanted a score of every validation to prune by (${late.whileTraining.join(', ')})`;
      return [`${who}: got ${JSON.stringify(name)} of method ${late.method}, ${wanted}`];
    }),
  );
  if (lines.length > 0) refuse(lines);
}

function wantedOf(name: string, { all, method }: { readonly all: readonly string[]; readonly method: string }): string {
  const near = nearestName(name, all);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return `, which no trial of ${method} has, wanted one of ${all.join(', ')}${hint}`;
}
