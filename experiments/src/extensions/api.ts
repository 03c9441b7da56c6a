import { InputError, printable } from '@lacuna/core';
import { registerDegradation, registerStructure, type OwnStructure } from '@lacuna/datasets';
import {
  compareNetworks,
  extractGraph,
  localThickness,
  metricNames,
  registerMetric,
  skeletonize,
  smooth,
  surfaceDistances,
  type MetricName,
} from '@lacuna/iqa';
import {
  batchNorm,
  conv,
  convTranspose,
  diceLoss,
  instanceNorm,
  middlePlane,
  ones,
  normal,
  pixelLoss,
  prelu,
  registerArchitecture,
  registerTerm,
  sizeOf,
  softClDiceLoss,
  spatialAxes,
  upsample,
  zeros,
} from '@lacuna/models';
import { z } from 'zod';
import { scoreName } from '../trial/scores/scores.js';
import { guardedArchitecture, type ArchitectureEntry } from './architecture.js';
import { guardedAugmentation, registerAugmentation, type AugmentationEntry } from './augmentation.js';
import { guardedDegradation, samplings, type DegradationEntry } from './degradation.js';
import { ExtensionError, callerIn } from './extension-error.js';
import { guardedMetric, type MetricEntry } from './metric.js';
import { own, ownerOf, type ExtensionFile, type Kind } from './registry.js';
import { guardedStructure, type StructureEntry } from './structure.js';
import { guardedTerm, type TermEntry } from './term.js';

/** Version of what an extension may use; it grows with everything that makes an extension written before fail. */
const API_VERSION = 1;

/** Layers of the model graph, functions of a graph `g`, and what they are built with. */
const layers = {
  conv,
  convTranspose,
  upsample,
  batchNorm,
  instanceNorm,
  prelu,
  normal,
  zeros,
  ones,
  sizeOf,
  spatialAxes,
  middlePlane,
};

/** Losses of the graph that a term may be put together from. */
const losses = { pixelLoss, diceLoss, softClDiceLoss };

/** Measures of images and of networks. */
const measures = { smooth, skeletonize, extractGraph, compareNetworks, localThickness, surfaceDistances };

/** What an extension is called with: everything that it may use of Lacuna. */
export interface ExtensionApi {
  readonly version: number;
  /** Lacuna's own zod, of which options are made. */
  readonly z: typeof z;
  /** The error for what a metric cannot measure: the pair then has no value, with the reason. */
  readonly InputError: typeof InputError;
  readonly layers: typeof layers;
  readonly losses: typeof losses;
  readonly measures: typeof measures;
  /** Kernels of coarse sampling along an axis, by sigma (HR pixels) and stride; of `cubic`, by stride. */
  readonly samplings: typeof samplings;
  /** Adds a metric, for `evaluation.metrics` and `training.select.metric`. */
  metric(name: string, entry: MetricEntry): void;
  /** Adds a term to the loss of the geometry regime; the option of the term's own name is its weight. */
  term(name: string, entry: TermEntry): void;
  /** Adds a family of generators, for `model.name`. */
  architecture(name: string, entry: ArchitectureEntry): void;
  /** Adds a forward model, for `degradation.kind`. */
  degradation(name: string, entry: DegradationEntry): void;
  /** Adds an augmentation of training patches, for `training.augmentations`. */
  augmentation(name: string, entry: AugmentationEntry): void;
  /** Adds a synthetic structure, for `data.source`. */
  structure(name: string, entry: StructureEntry): void;
}

/** What names may be: those of Lacuna's own metrics; of options of a spec; of families. */
const NAMES: Readonly<Record<Kind, RegExp>> = {
  metric: /^[a-z][a-z0-9_]*$/,
  term: /^[a-z][A-Za-z0-9]*$/,
  architecture: /^[a-z][a-z0-9-]*$/,
  degradation: /^[a-z][a-z0-9-]*$/,
  augmentation: /^[a-z][A-Za-z0-9]*$/,
  structure: /^[a-z][a-z0-9-]*$/,
};

/** Longest name of something. */
const LONGEST = 60;

/** What one extension is called with; what it registers is known as its own. */
export function apiFor(extension: ExtensionFile): ExtensionApi {
  const add = <Entry>(
    kind: Kind,
    register: (name: string, entry: Entry) => void,
    guarded: (context: { name: string; file: string; who: string }, entry: unknown) => Entry,
  ) => {
    return (given: unknown, entry: unknown): void => {
      const name = requireName(kind, given, extension.file);
      const who = `${callerIn(extension.file)}: ${kind} ${name}`;
      register(name, guarded({ name, file: extension.file, who }, entry));
      own(kind, name, extension);
    };
  };
  return Object.freeze({
    version: API_VERSION,
    z,
    InputError,
    layers,
    losses,
    measures,
    samplings,
    metric: add('metric', registered('metric', extension.file, registerOneScore), guardedMetric),
    term: add('term', registered('term', extension.file, registerTerm), guardedTerm),
    architecture: add(
      'architecture',
      registered('architecture', extension.file, registerArchitecture),
      guardedArchitecture,
    ),
    degradation: add('degradation', registered('degradation', extension.file, registerDegradation), guardedDegradation),
    augmentation: add(
      'augmentation',
      registered('augmentation', extension.file, registerAugmentation),
      guardedAugmentation,
    ),
    structure: add(
      'structure',
      registered('structure', extension.file, (_: string, structure: OwnStructure) => registerStructure(structure)),
      guardedStructure,
    ),
  });
}

function requireName(kind: Kind, given: unknown, file: string): string {
  if (typeof given === 'string' && given.length <= LONGEST && NAMES[kind].test(given)) return given;
  throw new ExtensionError({
    who: `${callerIn(file)}: ${kind}`,
    got: `the name ${printable(JSON.stringify(given) ?? 'undefined')}`,
    wanted: `text of at most ${LONGEST} letters that fits ${NAMES[kind].source}`,
  });
}

/** A name that is taken is an error that says by whom. */
function registered<Entry>(
  kind: Kind,
  file: string,
  register: (name: string, entry: Entry) => void,
): (name: string, entry: Entry) => void {
  return (name, entry) => {
    try {
      register(name, entry);
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      const owner = ownerOf(kind, name);
      throw new ExtensionError(
        {
          who: `${callerIn(file)}: ${cause.parts.who}`,
          got: `${cause.parts.got}${owner ? ` (by ${owner.file})` : ''}`,
          wanted: cause.parts.wanted,
        },
        { cause },
      );
    }
  };
}

/** Scores of metrics that describe one network bear `_error` behind their name: that may be the name of another. */
function registerOneScore(name: string, metric: Parameters<typeof registerMetric>[1]): void {
  const score = metric.better === 'reference' ? `${name}_error` : name;
  const twin = metricNames.find((known: MetricName) => scoreName(known) === score);
  if (twin !== undefined)
    throw new InputError({
      who: `metric ${name}`,
      got: twin === name ? 'a name that is taken' : `the score ${score}, which is that of ${twin}`,
      wanted: 'a name of its own',
    });
  registerMetric(name, metric);
}
