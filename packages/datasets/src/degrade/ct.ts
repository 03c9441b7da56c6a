import { mirrorIndex, type PixelSize, type Rng } from '@lacuna/core';
import { applyAxes, kernelOperator, operatorPart } from '../filters/axis-operator.js';
import { NormalField } from '../noise/normal-field.js';
import { gaussianKernel } from '../filters/separable.js';
import { forwardKernels } from './kernels.js';
import { blockImage, linearStage, rowStage, type Grid, type Stage } from './stages.js';
import type { DegradationSpec } from './spec.js';

/**
 * A coarse CT scan: system PSF, the mean over each coarse voxel, Gaussian noise that neighbours in a slice share,
 * rings about the middle of the slice.
 */
export function ctStages(
  spec: Extract<DegradationSpec, { kind: 'ct' }>,
  grid: Grid,
  pixelSize: PixelSize | null,
  rng: Rng,
): Stage[] {
  const stages = [linearStage('CT PSF, mean over each coarse pixel', forwardKernels(spec, pixelSize), grid)];
  const coarse = stages[0].to;
  if (spec.noise > 0) stages.push(correlatedNoise(coarse, spec.noise, spec.noiseSigmaPx, rng.fork('noise')));
  if (spec.rings > 0) stages.push(rings(coarse, spec.rings, rng.fork('rings')));
  return stages;
}

/**
 * Gaussian noise of the given strength whose neighbours in a plane are correlated by a Gaussian of the given sigma
 * (px).
 */
export function correlatedNoise(grid: Grid, strength: number, sigma: number, rng: Rng): Stage {
  const { width, height, channels } = grid;
  const length = width * channels;
  const description = `noise ${Number(strength.toPrecision(3))}, correlated over ${Number(sigma.toPrecision(3))} px`;
  const kernel = gaussianKernel(sigma);
  const gain = kernel.kernel.reduce((sum, value) => sum + value * value, 0);
  const x = kernelOperator(kernel, width, 1, 'mirror');
  const y = kernelOperator(kernel, height, 1, 'mirror');
  const whiteRow = (plane: Rng, row: number, to: Float32Array) => {
    new NormalField(plane.fork(row)).addTo(to.fill(0), 1);
  };
  return {
    description,
    to: grid,
    linear: null,
    need: (block) => block,
    apply(values, _, block) {
      const out = values.slice();
      const { operator, first, end } = operatorPart(y, block.y, block.y + block.height);
      const white = new Float32Array((end - first) * length);
      for (let z = 0; z < block.depth; z++) {
        const plane = rng.fork(block.z + z);
        const from = z * block.height * length;
        for (let row = first; row < end; row++)
          whiteRow(plane, mirrorIndex(row, height), white.subarray((row - first) * length, (row - first + 1) * length));
        const shared = applyAxes(blockImage(white, { z: 0, depth: 1, y: first, height: end - first }, grid), {
          x,
          y: operator,
        }).data;
        const scale = strength / gain;
        for (let i = 0; i < shared.length; i++) out[from + i] += scale * shared[i];
      }
      return out;
    },
  };
}

/**
 * Rings about the centre: a detector element that reads too much or too little draws a circle in the reconstruction.
 */
function rings(grid: Grid, strength: number, rng: Rng): Stage {
  const { width, height, channels } = grid;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const offsets = Float32Array.from({ length: Math.ceil(Math.hypot(centreX, centreY)) + 2 }, () =>
    rng.uniform() < 0.2 ? strength * rng.normal() : 0,
  );
  return rowStage(`rings of ${strength}`, grid, rng, (row, _, { y }) => {
    for (let x = 0; x < width; x++) {
      const offset = offsets[Math.round(Math.hypot(x - centreX, y - centreY))];
      for (let c = 0; c < channels; c++) row[x * channels + c] += offset;
    }
  });
}
