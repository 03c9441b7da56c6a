import type { Frame } from './svg.js';

/** A label to place beside its point. */
export interface LabelRequest {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Where a label went: its baseline's start, and whether a line should lead to it from the point. */
export interface PlacedLabel {
  readonly x: number;
  readonly y: number;
  readonly led: boolean;
}

const lineHeight = 8;
const ascent = 6;

/**
 * Places labels of one line each so that they overlap neither one another nor the obstacles, and stay inside the
 * frame. Each label, in turn, takes the first free place on rings of growing radius around its point (right, left,
 * above, below, then diagonals); where nothing is free, the place with the least overlap.
 */
export function placeLabels(labels: readonly LabelRequest[], obstacles: readonly Frame[], frame: Frame): PlacedLabel[] {
  const taken = [...obstacles];
  return labels.map(({ x, y, width }) => {
    let best: { box: Frame; cost: number; led: boolean } | undefined;
    for (let ring = 0; ring < 7 && !(best && best.cost === 0); ring++) {
      const reach = 7.5 + ring * 7;
      const offsets: readonly (readonly [number, number])[] = [
        [reach, -lineHeight / 2],
        [-reach - width, -lineHeight / 2],
        [-width / 2, -reach - lineHeight + 1],
        [-width / 2, reach - 1],
        [reach * 0.7, -reach * 0.7 - lineHeight],
        [reach * 0.7, reach * 0.7],
        [-reach * 0.7 - width, -reach * 0.7 - lineHeight],
        [-reach * 0.7 - width, reach * 0.7],
      ];
      for (const [dx, dy] of offsets) {
        const box: Frame = { x: x + dx, y: y + dy, width, height: lineHeight };
        const cost = taken.reduce((sum, other) => sum + overlap(box, other), 0) + 10 * outside(box, frame);
        if (!best || cost < best.cost - 1e-9) best = { box, cost, led: ring > 0 };
        if (cost === 0) break;
      }
    }
    taken.push(best!.box);
    return { x: best!.box.x, y: best!.box.y + ascent, led: best!.led };
  });
}

function overlap(a: Frame, b: Frame): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

function outside(box: Frame, frame: Frame): number {
  return box.width * box.height - overlap(box, frame);
}
