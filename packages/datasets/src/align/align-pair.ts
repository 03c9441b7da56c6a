import { InputError, cropImage, type Image } from '@lacuna/core';
import { estimateAlignment, type Alignment } from './estimate.js';
import { resampleImage } from './resample.js';
import type { AlignSpec } from './spec.js';
import { hrPlacement, type Placement } from './transform.js';

/** A pair on one grid. */
export interface AlignedPair {
  readonly lr: Image;
  readonly hr: Image;
  readonly alignment: Alignment;
}

/**
 * Undoes shift, scale and drift between a coarse scan and a fine image of one field: the fine image is resampled onto
 * the grid of the coarse one (Keys' cubic, which blurs it least where the shift is whole), so that the noise of the
 * scan stays as it was measured; both are cut to what they share.
 * @throws {InputError} for a transform or a residual beyond its limit, for sizes that are no whole multiple, and where
 * too little is shared.
 */
export function alignPair(lr: Image, hr: Image, limits: AlignSpec): AlignedPair {
  const factor = hr.width / lr.width;
  const who = `alignment of ${lr.name}`;
  if (
    !Number.isInteger(factor) ||
    hr.height !== factor * lr.height ||
    hr.depth !== lr.depth ||
    lr.channels !== 1 ||
    hr.channels !== 1
  )
    throw new InputError({
      who,
      got: `HR of ${hr.width} x ${hr.height} and LR of ${lr.width} x ${lr.height}`,
      wanted: 'HR sizes that are one whole multiple of the LR sizes, one channel',
    });
  const alignment = estimateAlignment(lr, hr, factor);
  const { transform, residual } = alignment;
  const refuse = (what: string, value: number, limit: number, field: string, unit = ' LR px'): void => {
    if (!(Math.abs(value) <= limit))
      throw new InputError({
        who,
        got: `${what} of ${round(value)}${unit}`,
        wanted: `at most ${limit}${unit}`,
        remedy: `check that both files show the same field, or allow more: align.${field}`,
      });
  };
  refuse('a residual', residual, limits.maxResidual, 'maxResidual');
  refuse('a shift along x', transform.shiftX, limits.maxShift, 'maxShift');
  refuse('a shift along y', transform.shiftY, limits.maxShift, 'maxShift');
  refuse('a deviation of the scale', transform.scale - 1, limits.maxScale, 'maxScale', '');
  refuse('a drift along x', transform.driftX, limits.maxDrift, 'maxDrift');
  refuse('a drift along y', transform.driftY, limits.maxDrift, 'maxDrift');
  const at = hrPlacement(transform, lr, factor);
  const box = sharedBox(at, hr, lr, factor);
  if (box.width < 4 || box.height < 4)
    throw new InputError({
      who,
      got: `${Math.max(0, box.width)} x ${Math.max(0, box.height)} LR pixels that both images show`,
      wanted: 'at least 4 x 4',
    });
  const { x, y, width, height } = box;
  const corner: Placement = {
    ...at,
    originX: at.originX + factor * (at.stepX * x + at.shearX * y),
    originY: at.originY + factor * at.stepY * y,
  };
  return {
    alignment,
    lr: cropImage(lr, box),
    hr: resampleImage(hr, corner, { width: width * factor, height: height * factor }),
  };
}

/** The largest block of whole LR pixels whose HR pixels all lie on the measured HR image. */
function sharedBox(
  at: Placement,
  hr: Image,
  lr: Image,
  factor: number,
): { x: number; y: number; width: number; height: number } {
  // A hair beyond the rim is the rim: whole shifts are found to some hundredths of an HR pixel.
  const slack = 0.1;
  const y = (row: number) => at.originY + at.stepY * row;
  let top = 0;
  let bottom = lr.height;
  let left = 0;
  let right = lr.width;
  while (top < bottom && y(top * factor) < -slack) top++;
  while (bottom > top && y(bottom * factor - 1) > hr.height - 1 + slack) bottom--;
  const rows = [top * factor, bottom * factor - 1];
  const x = (column: number) => rows.map((row) => at.originX + at.stepX * column + at.shearX * row);
  while (left < right && Math.min(...x(left * factor)) < -slack) left++;
  while (right > left && Math.max(...x(right * factor - 1)) > hr.width - 1 + slack) right--;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const round = (value: number): string => String(Number(value.toPrecision(3)));

/** One line about aligned pairs, for the data set's report. */
export function describeAlignments(alignments: readonly Alignment[]): string {
  const most = (of: (alignment: Alignment) => number) =>
    round(Math.max(...alignments.map((alignment) => Math.abs(of(alignment)))));
  const scales = alignments.map(({ transform }) => transform.scale);
  const shift = most(({ transform }) => Math.hypot(transform.shiftX, transform.shiftY));
  const drift = most(({ transform }) => Math.hypot(transform.driftX, transform.driftY));
  const residual = most((alignment) => alignment.residual);
  return (
    `aligned: shifts up to ${shift} LR px, ` +
    `scale ${Math.min(...scales).toFixed(4)} to ${Math.max(...scales).toFixed(4)}, ` +
    `drift up to ${drift} LR px; residual up to ${residual} LR px`
  );
}
