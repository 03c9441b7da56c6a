import { createRng } from '@lacuna/core';
import type { Engine } from '../engine/index.js';
import { Graph, createProgram, gradients, sizeOf, type Tensor } from '../graph/index.js';
import { buildTerms, termInputs } from './geometry-terms.js';
import { axesOf, hrInput, lrInput, type RegimeContext } from './regime.js';
import type { RegimeOf } from './spec.js';

/** Features of the made-up generator that terms are tried with. */
const FEATURES = 4;

/** Patches that a term is tried with: noise, and images of one grey, where roots and quotients have no gradient. */
const PATCHES = { noise: null, 'images of one grey': 0.5, 'black images': 0 } as const;

/** Where the value of a term, or its gradient by the SR image, is not finite. */
export interface ProbedTerm {
  readonly name: string;
  readonly patches: keyof typeof PATCHES;
  readonly what: 'value' | 'gradient';
}

/**
 * Tries terms of the geometry regime by themselves on made-up patches, before a step is trained.
 * @param names of the terms that are tried, among those of the spec whose weight is not 0.
 * @returns what is not finite; empty where all is well.
 */
export async function probeTerms(
  spec: RegimeOf<'geometry'>,
  context: RegimeContext,
  { engine, names }: { readonly engine: Engine; readonly names: readonly string[] },
): Promise<ProbedTerm[]> {
  const g = new Graph();
  const { factors, patches } = axesOf(context);
  const images = {
    lr: lrInput(g, { ...context, planes: 1 }),
    sr: hrInput(g, 'sr', context),
    hr: hrInput(g, 'hr', context),
    features: g.input('features', [context.batch, ...patches, FEATURES]),
    featureFactor: factors,
    network: null,
  };
  const inputs = termInputs(g, context, images, spec.temperature);
  const terms = buildTerms(inputs, spec).filter(({ name }) => names.includes(name));
  const actions = Object.fromEntries(
    terms.map(({ name, value }) => {
      const [gradient] = gradients(g, value, [images.sr]);
      return [name, { fetches: { value, gradient }, updates: [] }];
    }),
  );
  const program = createProgram(g, actions);
  const executable = await engine.compile(program);
  try {
    const found: ProbedTerm[] = [];
    for (const { name } of terms)
      for (const patches of Object.keys(PATCHES) as (keyof typeof PATCHES)[]) {
        const made = await executable.run(name, feeds(program.actions[name].inputs, PATCHES[patches]));
        for (const what of ['value', 'gradient'] as const)
          if (!made[what].every(Number.isFinite)) found.push({ name, patches, what });
      }
    return found;
  } finally {
    executable.dispose();
  }
}

/** Images and features of noise or of one grey; targets are noise of 0 and 1, or empty. */
function feeds(inputs: Readonly<Record<string, Tensor>>, grey: number | null): Record<string, Float32Array> {
  const rng = createRng(0);
  const isImage = (name: string) => ['lr', 'sr', 'hr', 'features'].includes(name);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => {
      const own = rng.fork(name);
      const values = new Float32Array(sizeOf(shape)).map(() => {
        if (grey !== null) return isImage(name) ? grey : 0;
        return isImage(name) ? own.uniform() : Math.round(own.uniform());
      });
      return [name, values];
    }),
  );
}
