import { InputError, type Image } from '@lacuna/core';
import { byAxis, finerPixelSize, forwardOperator, richardsonLucy } from '@lacuna/datasets';
import type { TrialContext, UntrainedMethod } from '../trial/context.js';
import type { Pair } from '../trial/data/pair.js';
import { clip, srImage } from '../trial/sr-images.js';
import { chooseOnValidation } from './choose.js';
import type { DeconvolutionSpec } from './linear-spec.js';

/** Richardson-Lucy deconvolution with the known degradation, stopped where the validation split is restored best. */
export async function openDeconvolution(context: TrialContext, spec: DeconvolutionSpec): Promise<UntrainedMethod> {
  requireKnown(context);
  const started = performance.now();
  const most = Math.max(...spec.iterations);
  const estimates = new Map(
    context.data.validation.map((pair) => [
      pair,
      iterate(context, pair.lr, { iterations: most, keep: spec.iterations }),
    ]),
  );
  const iterations = await chooseOnValidation(context, {
    candidates: spec.iterations,
    estimate: (step, pairs) => Promise.resolve(pairs.map((pair) => imageAt(estimates, pair, step))),
  });
  return {
    engine: `none; ${iterations} iterations`,
    cost: { parameters: 0, macs720p: 0, macsPerPixel: 0, receptiveField: null },
    fitSeconds: (performance.now() - started) / 1000,
    enlarge: (lr) => Promise.resolve(iterate(context, lr, { iterations, keep: [iterations] }).get(iterations)!),
    dispose: () => Promise.resolve(),
  };
}

/** @throws {InputError} where the degradation draws another blur for each region. */
function requireKnown({ data }: TrialContext): void {
  if (data.forward !== null) return;
  throw new InputError({
    who: 'regime deconvolution',
    got: 'degradation.kind blind, which draws another blur for each region',
    wanted: 'a known one',
    remedy: 'set degradation.kind to confocal, ct or bicubic, or leave the method out',
  });
}

/** Estimates after the numbers of steps that are kept. */
function iterate(
  { spec: { degradation } }: TrialContext,
  lr: Image,
  { iterations, keep }: { readonly iterations: number; readonly keep: readonly number[] },
): Map<number, Image> {
  const { factor } = degradation;
  const { x, y, z } = byAxis(factor);
  const fine = { width: lr.width * x, height: lr.height * y, depth: lr.depth * z };
  const pixelSize = lr.pixelSize && finerPixelSize(lr.pixelSize, factor);
  const kept = new Map<number, Image>();
  richardsonLucy(lr, forwardOperator(degradation, { ...fine, pixelSize }), {
    factor,
    iterations,
    onIteration: (step, estimate) => {
      if (keep.includes(step)) kept.set(step, estimate);
    },
  });
  return kept;
}

function imageAt(estimates: ReadonlyMap<Pair, ReadonlyMap<number, Image>>, pair: Pair, step: number): Image {
  return clip(srImage(estimates.get(pair)!.get(step)!, pair));
}
