import { cropImage, type Image } from '@lacuna/core';
import { applyAxes, byAxis, gaussianKernel, kernelOperator, type Factors, type Box } from '@lacuna/datasets';
import { attributeAlong, compileTarget, diffusionIndex, openEngine, type Attribution } from '@lacuna/models';
import { preferredEngine } from '../../machine/workers.js';
import type { MeasuredBranch } from '../../network/measured.js';
import { factorOf, type UpscaleModel } from '../../upscale/open-model.js';
import { graphOf, inUnits, variablesOf } from '../model-graph.js';
import { boxAround, coarsePlace, stretchOf } from './stretch.js';

/** Sigma of the blur that the path begins with, coarse pixels: branches, which are about one wide, are gone. */
const BLUR = 3;
/** Steps of the path, as the paper's authors take them. */
const STEPS = 50;
/** Coarse pixels to either side of the branch that count as along it. */
const BESIDE = 1;

/** What a stretch of a branch was made from. */
export interface BranchAttribution extends Omit<Attribution, 'values'> {
  /** Part of the scan that it depends on. */
  readonly box: Box;
  /** By coarse pixel of the box. */
  readonly map: Image;
  /** The stretch, as indices in the fine image. */
  readonly stretch: readonly number[];
  /** 100 (1 - Gini) of the magnitudes in the box. */
  readonly diffusionIndex: number;
  /** Share of the magnitudes that lies along the branch: in coarse pixels that it crosses, and those beside them. */
  readonly shareAlong: number;
}

/**
 * Local attribution map (Gu and Dong 2021, arXiv:2011.11036) of a stretch of centreline: which coarse pixels its mean
 * brightness comes from. The gradient of the target is integrated along a path on which the scan grows sharp, from a
 * Gaussian of 3 coarse pixels (the authors take 1.2 of images whose structures are wider) to none.
 * @throws {InputError} for a network whose graph cannot be read, and one that sees neighbouring planes.
 */
export async function attributeBranch(
  model: UpscaleModel,
  branch: MeasuredBranch,
  { lr, fine }: { readonly lr: Image; readonly fine: Image },
): Promise<BranchAttribution> {
  const imported = graphOf(model, 'attribution');
  const factors = byAxis(factorOf(model));
  const isVolume = model.volume !== null;
  const stretch = stretchOf(branch, fine, isVolume);
  const box = boxAround(stretch, lr, { fine, factors, isVolume, ...reachOf(model) });
  const crop = cropImage(lr, box);
  const target = await compileTarget(await openEngine({ prefer: preferredEngine() }), {
    build: (g, input) => inUnits(g, imported, input, model),
    shape: [1, ...(isVolume ? [crop.depth] : []), crop.height, crop.width, 1],
    weights: weightsOf(stretch, box, { fine, factors }),
    variables: variablesOf(imported),
  });
  try {
    const path = (t: number) => blurred(crop, BLUR * (1 - t));
    const { values, from, to } = await attributeAlong(path, (input) => target.at(input), STEPS);
    const along = crossed(branch, box, { fine, factors });
    const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
    const inside = values.reduce((sum, value, i) => sum + (along[i] ? Math.abs(value) : 0), 0);
    return {
      box,
      map: { ...crop, data: values },
      stretch,
      from,
      to,
      diffusionIndex: diffusionIndex(values),
      shareAlong: total > 0 ? inside / total : 0,
    };
  } finally {
    target.dispose();
  }
}

function reachOf({ run, volume }: UpscaleModel): { readonly reach: Factors | null; readonly multiple: Factors } {
  const named = ([z, y, x]: readonly number[]): Factors => ({ x, y, z });
  if (volume !== null) return { reach: volume.halo && named(volume.halo), multiple: named(volume.multiple) };
  const { halo, multiple } = run;
  return { reach: halo === null ? null : { x: halo, y: halo, z: 0 }, multiple: { x: multiple, y: multiple, z: 1 } };
}

/** What pixels of a box are compared by. */
interface Grids {
  readonly fine: Image;
  readonly factors: Factors;
}

/** 1/n on the n pixels of a stretch, on the fine grid of a box. */
function weightsOf(stretch: readonly number[], box: Box, { fine, factors }: Grids): Float32Array {
  const [width, height] = [box.width * factors.x, box.height * factors.y];
  const weights = new Float32Array(width * height * box.depth * factors.z);
  for (const pixel of stretch) {
    const x = (pixel % fine.width) - box.x * factors.x;
    const y = (Math.floor(pixel / fine.width) % fine.height) - box.y * factors.y;
    const z = Math.floor(pixel / (fine.width * fine.height)) - box.z * factors.z;
    if (x < width && y < height) weights[(z * height + y) * width + x] = 1 / stretch.length;
  }
  return weights;
}

/** Coarse pixels of a box that a branch crosses, and those beside them. */
function crossed({ pixels }: MeasuredBranch, box: Box, { fine, factors }: Grids): Uint8Array {
  const along = new Uint8Array(box.width * box.height * box.depth);
  const deep = box.depth > 1 ? BESIDE : 0;
  for (const pixel of pixels) {
    const place = coarsePlace(pixel, fine, factors);
    for (let w = -deep; w <= deep; w++) {
      for (let v = -BESIDE; v <= BESIDE; v++) {
        for (let u = -BESIDE; u <= BESIDE; u++) {
          const [x, y, z] = [place.x - box.x + u, place.y - box.y + v, place.z - box.z + w];
          const isInside = x >= 0 && y >= 0 && z >= 0 && x < box.width && y < box.height && z < box.depth;
          if (isInside) along[(z * box.height + y) * box.width + x] = 1;
        }
      }
    }
  }
  return along;
}

/** A scan blurred along every axis; the edge is repeated. */
function blurred(image: Image, sigma: number): Float32Array {
  if (sigma < 1e-6) return image.data;
  const kernel = gaussianKernel(sigma);
  const along = (length: number) => (length > 1 ? kernelOperator(kernel, length) : undefined);
  return applyAxes(image, { x: along(image.width), y: along(image.height), z: along(image.depth) }).data;
}
