import { ShapeError } from '@lacuna/core';
import { channelsOf, convTranspose, normal, prelu, sizeOf, type Graph, type Tensor } from '../graph/index.js';
import type { SymmetricLayers } from './symmetric-layers.js';

/** The stages into which a factor is divided along one axis: 8 is 2, 2, 2; 3 is 3. */
function axisStages(factor: number): number[] {
  const out: number[] = [];
  let rest = factor;
  while (rest % 2 === 0) {
    out.push(2);
    rest /= 2;
  }
  if (rest === 3) out.push(3);
  else if (rest !== 1)
    throw new ShapeError({
      who: 'upsampler',
      got: `factor ${factor}`,
      wanted: '2, 3, 4, 6, 8 or another product of twos with at most one three',
    });
  return out;
}

/**
 * The stages into which a factor by axis is divided: 8, 8 is three times 2, 2. Axes that need fewer stages are enlarged
 * last, so that what comes before works on the smaller grid: 2, 4, 4 is 1, 2, 2 and then 2, 2, 2.
 */
export function stages(factor: readonly number[]): number[][] {
  const byAxis = factor.map(axisStages);
  const count = Math.max(...byAxis.map(({ length }) => length));
  return Array.from({ length: count }, (_, i) => byAxis.map((list) => list[i - (count - list.length)] ?? 1));
}

/** The LR multiple that makes HR sizes a multiple of `hrMultiple`: what of it the factor does not bring. */
export function shareOf(hrMultiple: number, factor: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  return hrMultiple / common(hrMultiple, factor);
}

/** Sub-pixel convolutions, one for each stage (Shi et al. 2016, as EDSR and RCAN use them). */
export function shuffleUp(
  g: Graph,
  name: string,
  x: Tensor,
  { factor, layers }: { readonly factor: readonly number[]; readonly layers: SymmetricLayers },
): Tensor {
  const filters = channelsOf(x.shape);
  return stages(factor).reduce((y, stage, i) => {
    const options = { filters: filters * sizeOf(stage), kernel: 3, block: stage };
    return g.depthToSpace(layers.conv(g, `${name}.${i}`, y, options), stage);
  }, x);
}

/**
 * Transposed convolutions, one for each stage, PReLU between: [n, spatial, c] to [n, spatial·factor, channels]. Kernels
 * are twice as long as their stride, so that two coarse pixels make every fine one along each axis, and blocks of the
 * stride leave no grid. An axis that keeps its length has a kernel of 3.
 */
export function transposedUp(
  g: Graph,
  name: string,
  x: Tensor,
  options: { readonly factor: readonly number[]; readonly features: number; readonly channels: number },
): Tensor {
  const { factor, features, channels } = options;
  const all = factor.every((each) => each === 1) ? [factor] : stages(factor);
  return all.reduce((y, stage, i) => {
    const isLast = i === all.length - 1;
    const larger = convTranspose(g, `${name}.${i}`, y, {
      filters: isLast ? channels : features,
      kernel: stage.map((each) => (each === 1 ? 3 : 2 * each)),
      stride: stage,
      initializer: isLast ? normal(0.01) : { kind: 'he-normal' },
    });
    return isLast ? larger : prelu(g, `${name}.${i}`, larger);
  }, x);
}
