/**
 * Where a coarse scan lies on the fine one. With (u, v) the LR pixel counted from the middle of its image of w x h, v
 * also being the slow axis of the scan, its centre lies at the HR position, counted from the middle of the HR image,
 *
 *     factor · (scale·u + shiftX + driftX·v/h,  scale·v + shiftY + driftY·v/h)
 *
 * All lengths in LR pixels. The identity is an aligned pair.
 */
export interface PairTransform {
  readonly shiftX: number;
  readonly shiftY: number;
  /** LR pixels are this many times as large as the factor says. */
  readonly scale: number;
  /** What the stage moved from the first line to the last. */
  readonly driftX: number;
  readonly driftY: number;
}

export const aligned: PairTransform = { shiftX: 0, shiftY: 0, scale: 1, driftX: 0, driftY: 0 };

/** x = originX + stepX · column + shearX · row; y = originY + stepY · row, in HR pixels. */
export interface Placement {
  readonly originX: number;
  readonly stepX: number;
  readonly shearX: number;
  readonly originY: number;
  readonly stepY: number;
}

/** HR positions of the centres of LR pixels. */
export function lrPlacement(
  transform: PairTransform,
  lr: { readonly width: number; readonly height: number },
  factor: number,
): Placement {
  const { shiftX, shiftY, scale, driftX, driftY } = transform;
  const { width, height } = lr;
  const middleU = (width - 1) / 2;
  const middleV = (height - 1) / 2;
  const stepX = factor * scale;
  const shearX = (factor * driftX) / height;
  const stepY = factor * (scale + driftY / height);
  return {
    stepX,
    shearX,
    stepY,
    originX: (width * factor - 1) / 2 + factor * shiftX - stepX * middleU - shearX * middleV,
    originY: (height * factor - 1) / 2 + factor * shiftY - stepY * middleV,
  };
}

/** Positions on the measured HR image of the pixels of an HR image that lies exactly on the LR grid. */
export function hrPlacement(
  transform: PairTransform,
  lr: { readonly width: number; readonly height: number },
  factor: number,
): Placement {
  const { originX, stepX, shearX, originY, stepY } = lrPlacement(transform, lr, factor);
  const first = (1 - factor) / 2 / factor;
  return {
    stepX: stepX / factor,
    shearX: shearX / factor,
    stepY: stepY / factor,
    originX: originX + first * (stepX + shearX),
    originY: originY + first * stepY,
  };
}

/** Adds the correction e(u, v) = (scale·u + x + driftX·v/h, ...) to a transform, in LR pixels. */
export function corrected(
  transform: PairTransform,
  [x, y, scale, driftX, driftY]: ArrayLike<number> & Iterable<number>,
): PairTransform {
  return {
    shiftX: transform.shiftX + (x ?? 0),
    shiftY: transform.shiftY + (y ?? 0),
    scale: transform.scale + (scale ?? 0),
    driftX: transform.driftX + (driftX ?? 0),
    driftY: transform.driftY + (driftY ?? 0),
  };
}
