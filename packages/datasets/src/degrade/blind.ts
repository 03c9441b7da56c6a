import type { Rng } from '@lacuna/core';
import { photonStage } from './confocal.js';
import { correlatedNoise } from './ct.js';
import { boxSampling, cubicSampling, pointSampling, type ForwardKernels } from './sampling.js';
import { linearStage, type Grid, type Stage } from './stages.js';
import { factorsOf, type DegradationSpec } from './spec.js';

type BlindSpec = Extract<DegradationSpec, { kind: 'blind' }>;
const samplings = {
  'one sample': pointSampling,
  mean: boxSampling,
  cubic: (_: number, stride: number) => cubicSampling(stride),
} as const;

/**
 * Blur, sampling and noise, one of each, in random order and of random strength, after Zhang et al. (BSRGAN,
 * arXiv:2103.14006): a Gaussian of its own sigma along each axis, uniform in `sigmaPx`; one sample, the mean or the
 * antialiased cubic of each coarse pixel; photons (log-uniform) with read noise, or correlated noise. The same stream
 * draws the same for images of any size.
 */
export function blindStages(spec: BlindSpec, grid: Grid, rng: Rng): Stage[] {
  const draws = rng.fork('draws');
  const factors = factorsOf(spec);
  const volume = factors.z > 1;
  const axes = volume ? (['x', 'y', 'z'] as const) : (['x', 'y'] as const);
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * draws.uniform();
  const sigma = { x: between(spec.sigmaPx), y: between(spec.sigmaPx), z: between(spec.sigmaPx) };
  const method = (['one sample', 'mean', 'cubic'] as const)[draws.integer(3)];
  const photons = spec.photons[0] * (spec.photons[1] / spec.photons[0]) ** draws.uniform();
  const noise = between(spec.noise);
  const correlated = draws.uniform() < 0.5;
  const reach = 0.5 + draws.uniform();
  const order = draws.shuffle(['blur', 'sampling', 'noise'] as ('blur' | 'sampling' | 'noise')[]);
  const along = (make: (axis: 'x' | 'y' | 'z') => ForwardKernels['x']): ForwardKernels => ({
    x: make('x'),
    y: make('y'),
    z: volume ? make('z') : null,
  });
  const stages: Stage[] = [];
  let at = grid;
  let fine = true;
  for (const step of order) {
    // The PSF has the width that was drawn on either grid.
    const width = (axis: 'x' | 'y' | 'z') => sigma[axis] / (fine ? 1 : factors[axis]);
    if (step === 'blur')
      stages.push(
        linearStage(
          `Gaussian of ${axes.map((axis) => sigma[axis].toFixed(2)).join(', ')} px`,
          along((axis) => pointSampling(width(axis), 1)),
          at,
        ),
      );
    else if (step === 'sampling')
      stages.push(
        linearStage(
          `${method} of each coarse pixel`,
          along((axis) => samplings[method](0, factors[axis])),
          at,
        ),
      );
    else
      stages.push(
        correlated
          ? correlatedNoise(at, noise, fine ? reach * factors.x : reach, rng.fork('noise'))
          : photonStage(at, { photons, readNoise: noise, background: 0 }, rng.fork('noise')),
      );
    at = stages.at(-1)!.to;
    if (step === 'sampling') fine = false;
  }
  return stages;
}
