import { createImage, type Image } from '@lacuna/core';
import type { MeasuredNetwork } from './measured.js';
import type { Proposal } from './proposal.js';

/** Sky blue, orange, vermillion and reddish purple of Okabe and Ito: apart for all kinds of colour blindness. */
const colours = {
  branch: [86, 180, 233],
  weak: [230, 159, 0],
  end: [213, 94, 0],
  junction: [255, 255, 255],
  proposed: [204, 121, 167],
} as const;

type Colour = readonly [number, number, number];

/** Weakness above which a branch is of the weakest third of the length. */
const WEAK = 2 / 3;
/** How bright white becomes below the lines, of 255. */
const WHITE = 190;
/** A line is as wide as this part of the picture's longer side, and at least one px. */
const WIDTHS = 600;
/** A dash, and the gap behind it, are as long as so many lines are wide. */
const DASH = 3;
/** Sides between which pictures are drawn, in px: small images are enlarged, large ones shrunk. */
const SIDES = { least: 900, most: 3600 };

/**
 * The network over its image (the maximum along z of a volume): centrelines blue, those of the weakest third of the
 * length orange, free ends as vermillion and junctions as white squares, proposed links as purple dashes.
 * @param plane the image, or its projection, in [0, 1].
 */
export function networkOverlay(
  plane: { readonly data: Float32Array; readonly width: number; readonly height: number },
  { nodes, branches, spacing }: MeasuredNetwork,
  proposals: readonly Proposal[] = [],
): Image {
  const longest = Math.max(plane.width, plane.height);
  const times = longest >= SIDES.least ? 1 : Math.min(8, Math.ceil(SIDES.least / longest));
  const shrunk = Math.ceil(longest / SIDES.most);
  const picture = grey(plane, times, shrunk);
  const { width, height } = plane;
  const at = (x: number, y: number) => ({
    x: Math.floor(((x + 0.5) * times) / shrunk),
    y: Math.floor(((y + 0.5) * times) / shrunk),
  });
  const thick = Math.max(1, Math.round(Math.max(picture.width, picture.height) / WIDTHS));
  // Weak branches are drawn last: what they cross is the stronger one.
  for (const branch of [...branches].sort((a, b) => a.weakness - b.weakness)) {
    const colour = branch.weakness > WEAK ? colours.weak : colours.branch;
    let before: { x: number; y: number } | null = null;
    for (const pixel of branch.pixels) {
      const here = at(pixel % width, Math.floor(pixel / width) % height);
      drawLine(picture, before ?? here, here, thick, colour);
      before = here;
    }
  }
  for (const { pixels } of proposals) {
    const course = Array.from(pixels, (pixel) => at(pixel % width, Math.floor(pixel / width) % height));
    drawDashes(picture, course, thick);
  }
  for (const { kind, x, y } of nodes) {
    if (kind === 'loop' || kind === 'border') continue;
    const place = at(x / spacing.x - 0.5, y / spacing.y - 0.5);
    if (kind === 'junction') square(picture, place, thick + 2, colours.junction);
    else square(picture, place, thick + 2, colours.end);
  }
  return createImage({ ...picture, channels: 3, dataRange: [0, 255] });
}

/** RGB pixels of 0 to 255. */
interface Picture {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** A plane as grey RGB, each pixel `times` times, or the brightest of `shrunk` by `shrunk`. */
function grey(plane: { data: Float32Array; width: number; height: number }, times: number, shrunk: number): Picture {
  const width = Math.ceil((plane.width * times) / shrunk);
  const height = Math.ceil((plane.height * times) / shrunk);
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++) {
      const value = WHITE * Math.min(1, Math.max(0, plane.data[y * plane.width + x]));
      const left = Math.floor((x * times) / shrunk);
      const top = Math.floor((y * times) / shrunk);
      for (let v = top; v < top + times; v++) {
        for (let u = left; u < left + times; u++) {
          const to = (v * width + u) * 3;
          if (value > data[to]) data.fill(value, to, to + 3);
        }
      }
    }
  }
  return { data, width, height };
}

function drawLine(
  picture: Picture,
  from: { x: number; y: number },
  to: { x: number; y: number },
  thick: number,
  colour: Colour,
): void {
  const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  for (let k = 0; k <= steps; k++) {
    const x = Math.round(from.x + ((to.x - from.x) * k) / steps);
    const y = Math.round(from.y + ((to.y - from.y) * k) / steps);
    square(picture, { x, y }, thick, colour);
  }
}

/** A line of dashes along a course, which may stand still where it goes along z. */
function drawDashes(picture: Picture, course: readonly { x: number; y: number }[], thick: number): void {
  const dash = DASH * thick;
  let drawn = 0;
  for (let i = 1; i < course.length; i++) {
    const [from, to] = [course[i - 1], course[i]];
    const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
    for (let k = 1; k <= steps; k++, drawn++) {
      if (drawn % (2 * dash) >= dash) continue;
      const x = Math.round(from.x + ((to.x - from.x) * k) / steps);
      const y = Math.round(from.y + ((to.y - from.y) * k) / steps);
      square(picture, { x, y }, thick + 1, colours.proposed);
    }
  }
}

/** A square of `side` px about a place. */
function square(
  { data, width, height }: Picture,
  { x, y }: { x: number; y: number },
  side: number,
  colour: Colour,
): void {
  const left = x - Math.floor(side / 2);
  const top = y - Math.floor(side / 2);
  for (let v = Math.max(0, top); v < Math.min(height, top + side); v++)
    for (let u = Math.max(0, left); u < Math.min(width, left + side); u++) data.set(colour, (v * width + u) * 3);
}
