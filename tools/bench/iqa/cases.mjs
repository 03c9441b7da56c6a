import * as iqa from '../../../packages/iqa/dist/index.js';
import { makePair } from './pictures.mjs';

const dataRange = 1;

/** Pictures of a size: the pair, their masks, a skeleton. */
export function makeInputs(width, height, depth) {
  const { a, b } = makePair(width, height, depth);
  const level = iqa.otsuThreshold(a);
  const mask = iqa.threshold(iqa.smooth(a, 1), level);
  const other = iqa.threshold(iqa.smooth(b, 1), level);
  return { a, b, mask, other, skeleton: iqa.skeletonize(mask) };
}

/** Our side of the benchmark, by name. */
export function ourCases({ a, b, mask, other, skeleton }) {
  const plane = a.depth === 1;
  return {
    mse: () => iqa.mse(a, b),
    psnr: () => iqa.psnr(a, b, { dataRange }),
    nrmse: () => iqa.nrmse(a, b),
    ssim: () => iqa.ssim(a, b, { dataRange }),
    ...(plane
      ? {
          'ms-ssim': () => iqa.msSsim(a, b, { dataRange }),
          gmsd: () => iqa.gmsd(a, b, { dataRange }),
          vif: () => iqa.vif(a, b, { dataRange }),
        }
      : {}),
    otsu: () => iqa.otsuThreshold(a),
    smoothing: () => iqa.smooth(a, 1),
    components: () => iqa.labelComponents(mask),
    'euler number': () => iqa.eulerNumber(mask),
    'betti numbers': () => iqa.bettiNumbers(mask),
    // Larger volumes are matched in blocks.
    ...(mask.data.length <= 2 ** 22 ? { 'betti matching': () => iqa.bettiMatching(mask, other) } : {}),
    'distance transform': () => iqa.distanceTransform(mask),
    hausdorff: () => iqa.surfaceDistances(mask, other, { tolerance: 2 }),
    thinning: () => iqa.skeletonize(mask),
    'skeleton graph': () => iqa.extractGraph(skeleton),
  };
}
