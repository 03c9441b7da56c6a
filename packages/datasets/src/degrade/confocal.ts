import type { PixelSize, Rng } from '@lacuna/core';
import { applyAxes, kernelOperator } from '../filters/axis-operator.js';
import { NormalField } from '../noise/normal-field.js';
import { PoissonField } from '../noise/poisson-field.js';
import { gaussianKernel } from '../filters/separable.js';
import { forwardKernels, operatorsOf, psfSigmaPx } from './kernels.js';
import { blockImage, linearStage, needOf, partsFor, rowStage, type Grid, type Stage } from './stages.js';
import type { DegradationSpec } from './spec.js';

type ConfocalSpec = Extract<DegradationSpec, { kind: 'confocal' }>;

/**
 * A coarse confocal scan: PSF, one sample a coarse pixel, then
 *
 *     lr = Poisson(photons · (max(0, light) · (1 - bleaching)^t + background)) / photons
 *          + readNoise · N(0, 1) - background
 *
 * t from 0 to 1 over the lines of the scan, plane after plane.
 */
export function confocalStages(spec: ConfocalSpec, grid: Grid, pixelSize: PixelSize | null, rng: Rng): Stage[] {
  const stages = [
    spec.jitterPx > 0
      ? jitteredScan(spec, grid, pixelSize, rng.fork('jitter'))
      : linearStage('confocal PSF, one sample for each coarse pixel', forwardKernels(spec, pixelSize), grid),
  ];
  const coarse = stages[0].to;
  const { bleaching, photons, readNoise, background } = spec;
  if (bleaching > 0) {
    const lines = Math.max(1, coarse.height * coarse.depth - 1);
    stages.push(
      rowStage(`bleaching of ${bleaching}`, coarse, rng, (row, _, { y, z }) => {
        const gain = (1 - bleaching) ** ((z * coarse.height + y) / lines);
        for (let i = 0; i < row.length; i++) row[i] *= gain;
      }),
    );
  }
  if (photons !== null || readNoise > 0)
    stages.push(photonStage(coarse, { photons, readNoise, background }, rng.fork('noise')));
  return stages;
}

/** Photon noise (Poisson) and read noise (Gaussian). */
export function photonStage(
  grid: Grid,
  {
    photons,
    readNoise,
    background,
  }: { readonly photons: number | null; readonly readNoise: number; readonly background: number },
  rng: Rng,
): Stage {
  const description = [
    ...(photons === null ? [] : [`${Number(photons.toPrecision(3))} photons`]),
    ...(readNoise > 0 ? [`read noise ${Number(readNoise.toPrecision(3))}`] : []),
  ].join(', ');
  const scale = photons ?? 1;
  const light = new Float64Array(grid.width * grid.channels);
  return rowStage(description, grid, rng, (row, stream) => {
    for (let i = 0; i < row.length; i++) light[i] = scale * (Math.max(0, row[i]) + background);
    if (photons !== null) new PoissonField(stream.fork('photons')).replace(light);
    for (let i = 0; i < row.length; i++) row[i] = light[i] / scale - background;
    if (readNoise > 0) new NormalField(stream).addTo(row, readNoise);
  });
}

/** A scan whose lines begin a little too early or too late: along x the PSF of each line is centred on where it was. */
function jitteredScan(spec: ConfocalSpec, grid: Grid, pixelSize: PixelSize | null, rng: Rng): Stage {
  const kernels = forwardKernels(spec, pixelSize);
  const still = linearStage('', kernels, grid);
  const whole = operatorsOf(kernels, grid);
  const sigma = psfSigmaPx(spec, pixelSize).x;
  const { stride } = kernels.x;
  const { to } = still;
  return {
    description: `confocal PSF, one sample for each coarse pixel, lines that jitter by ${spec.jitterPx} px`,
    to,
    linear: still.linear,
    need: (block) => needOf(whole, block),
    apply(values, from, block) {
      const lines = applyAxes(blockImage(values, from, grid), partsFor(whole, block));
      const length = to.width * to.channels;
      const out = new Float32Array(block.depth * block.height * length);
      for (let z = 0; z < block.depth; z++) {
        for (let y = 0; y < block.height; y++) {
          const shift =
            spec.jitterPx *
            rng
              .fork(block.z + z)
              .fork(block.y + y)
              .normal();
          const row = (z * block.height + y) * grid.width * grid.channels;
          const line = blockImage(
            lines.data.subarray(row, row + grid.width * grid.channels),
            { z: 0, depth: 1, y: 0, height: 1 },
            grid,
          );
          out.set(
            applyAxes(line, { x: kernelOperator(gaussianKernel(sigma, (stride - 1) / 2 + shift), grid.width, stride) })
              .data,
            (z * block.height + y) * length,
          );
        }
      }
      return out;
    },
  };
}
