import { spatialSizes, type Graph, type Sides, type Tensor } from '../../graph/index.js';

/**
 * The image with more pixels on every side, mirrored without repeating the edge. An image that is too small for that in
 * one step is mirrored again and again: each step ends at an edge of a mirror image, about which all is symmetric.
 */
export function mirrored(g: Graph, image: Tensor, by: number): Tensor {
  let padded = image;
  let left = spatialSizes(image.shape).map(() => by);
  while (left.some((each) => each > 0)) {
    const lengths = spatialSizes(padded.shape);
    // Of a single pixel nothing can be mirrored: that the padding is refused says so.
    const steps = left.map((each, axis) => (lengths[axis] === 1 ? each : Math.min(each, lengths[axis] - 1)));
    padded = g.padSpatial(
      padded,
      steps.map((step): Sides => [step, step]),
      'reflect',
    );
    left = left.map((each, axis) => each - steps[axis]);
  }
  return padded;
}
