import type { Frame } from './svg.js';

/** A label to place beside its point. */
export interface LabelRequest {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A straight line between two points. */
interface Segment {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** Where a label went: its baseline's start, and the line that leads to it from a point that is not beside it. */
export interface PlacedLabel {
  readonly x: number;
  readonly y: number;
  readonly lead: Segment | null;
}

/** A place that a label could take. */
interface Place {
  readonly box: Frame;
  readonly lead: Segment | null;
  /** What it costs by itself: distance, obstacles, the frame. */
  readonly cost: number;
}

const lineHeight = 8;
const ascent = 6;
const rings = 7;

/** How bad it is: a square point of overlap, or outside of the frame; a ring further out; a line across something. */
const penalty = { overlap: 4, outside: 10, ring: 4, crossedLabel: 80, crossedLead: 50, crossedObstacle: 30 };

/** Labels change places until none gains by it: a few rounds, as each makes the sum smaller. */
const maxRounds = 12;

/**
 * Places labels of one line each so that they overlap neither one another nor the obstacles, stay inside the frame,
 * and no line that leads to one crosses another. Places are on rings of growing radius around a label's point (right,
 * left, above, below, then aslant); each label in turn takes the best for it, until none moves. That is done from each
 * label on, and the best outcome taken, since who chooses first decides.
 */
export function placeLabels(labels: readonly LabelRequest[], obstacles: readonly Frame[], frame: Frame): PlacedLabel[] {
  const places = labels.map((label) => placesOf(label, obstacles, frame));
  const conflictsOf = knownConflicts(places);
  const outcomes = labels.map((_, first) => settle(places, conflictsOf, first));
  const costs = outcomes.map(totalCost);
  const best = outcomes[costs.indexOf(Math.min(...costs))] ?? [];
  return best.map(({ box, lead }) => ({ x: box.x, y: box.y + ascent, lead }));
}

/** What each place of label `i` and a place that another label has taken cost each other. */
type ConflictsOf = (i: number, taken: Place) => readonly number[];

/** Each is worked out once: the same few places are taken again and again, whoever chooses first. */
function knownConflicts(places: readonly (readonly Place[])[]): ConflictsOf {
  const known = places.map(() => new Map<Place, readonly number[]>());
  return (i, taken) => {
    const found = known[i].get(taken) ?? places[i].map((place) => conflict(place, taken));
    known[i].set(taken, found);
    return found;
  };
}

/** A place for each label, none of which is better off alone elsewhere; label `first` chooses first. */
function settle(places: readonly (readonly Place[])[], conflictsOf: ConflictsOf, first: number): Place[] {
  const order = places.map((_, i) => (first + i) % places.length);
  const chosen: (Place | undefined)[] = places.map(() => undefined);
  for (let round = 0; round < maxRounds; round++) {
    let hasMoved = false;
    for (const i of order) {
      const others = chosen.filter((place, other): place is Place => other !== i && place !== undefined);
      const best = cheapest(
        places[i],
        others.map((other) => conflictsOf(i, other)),
      );
      hasMoved ||= best !== chosen[i];
      chosen[i] = best;
    }
    if (!hasMoved) break;
  }
  return chosen as Place[];
}

function totalCost(places: readonly Place[]): number {
  return places.reduce(
    (sum, place, i) => places.slice(i + 1).reduce((all, other) => all + conflict(place, other), sum + place.cost),
    0,
  );
}

/** @param conflicts for each other label what it costs the options, one by one. */
function cheapest(options: readonly Place[], conflicts: readonly (readonly number[])[]): Place {
  const costs = options.map((place, at) => conflicts.reduce((sum, each) => sum + each[at], place.cost));
  return options[costs.indexOf(Math.min(...costs))];
}

function placesOf({ x, y, width }: LabelRequest, obstacles: readonly Frame[], frame: Frame): Place[] {
  const foreign = obstacles.filter((obstacle) => !contains(obstacle, x, y));
  return Array.from({ length: rings }, (_, ring) => ring).flatMap((ring) =>
    offsetsOf(ring, width).map(([dx, dy], preference) => {
      const box: Frame = { x: x + dx, y: y + dy, width, height: lineHeight };
      const lead = ring === 0 ? null : leadTo(box, x, y);
      const crossed = lead === null ? 0 : foreign.filter((obstacle) => crosses(lead, obstacle)).length;
      const cost =
        penalty.overlap * obstacles.reduce((sum, obstacle) => sum + overlap(box, obstacle), 0) +
        penalty.outside * outside(box, frame) +
        penalty.crossedObstacle * crossed +
        penalty.ring * ring +
        0.01 * preference;
      return { box, lead, cost };
    }),
  );
}

/** From a point to the upper left corner of its label's places on a ring, the best liked first. */
function offsetsOf(ring: number, width: number): readonly (readonly [number, number])[] {
  const reach = 7.5 + ring * 7;
  const aslant = reach * 0.7;
  const above = -reach - lineHeight + 1;
  const below = reach - 1;
  return [
    [reach, -lineHeight / 2],
    [-reach - width, -lineHeight / 2],
    [-width / 2, above],
    [-width / 2, below],
    [aslant, -aslant - lineHeight],
    [aslant, aslant],
    [-aslant - width, -aslant - lineHeight],
    [-aslant - width, aslant],
    [-width / 4, above],
    [(-3 * width) / 4, above],
    [-width / 4, below],
    [(-3 * width) / 4, below],
  ];
}

/** From a point to the nearest place of its label's outline, where letters are. */
function leadTo(box: Frame, x: number, y: number): Segment {
  const nearX = Math.min(box.x + box.width, Math.max(box.x, x));
  const nearY = Math.min(box.y + ascent + 1.5, Math.max(box.y, y));
  return { from: [x, y], to: [nearX, nearY] };
}

/** What two labels cost each other. */
function conflict(a: Place, b: Place): number {
  const crossedLabels = Number(leadCrosses(a.lead, b.box)) + Number(leadCrosses(b.lead, a.box));
  const crossedLeads = a.lead !== null && b.lead !== null && meet(a.lead, b.lead) ? 1 : 0;
  return (
    penalty.overlap * overlap(a.box, b.box) + penalty.crossedLabel * crossedLabels + penalty.crossedLead * crossedLeads
  );
}

const leadCrosses = (lead: Segment | null, box: Frame): boolean => lead !== null && crosses(lead, box);

function contains({ x, y, width, height }: Frame, px: number, py: number): boolean {
  return px >= x && px <= x + width && py >= y && py <= y + height;
}

/** Whether a line goes through a box: an end lies inside, or it meets a diagonal. */
function crosses(line: Segment, box: Frame): boolean {
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  return (
    contains(box, ...line.from) ||
    contains(box, ...line.to) ||
    meet(line, { from: [box.x, box.y], to: [right, bottom] }) ||
    meet(line, { from: [box.x, bottom], to: [right, box.y] })
  );
}

/** Whether two lines cross: the ends of each lie on different sides of the other. */
function meet(a: Segment, b: Segment): boolean {
  return side(a, b.from) * side(a, b.to) < 0 && side(b, a.from) * side(b, a.to) < 0;
}

/** On which side of a line a point lies: above or below 0. */
function side({ from, to }: Segment, [x, y]: readonly [number, number]): number {
  return (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]);
}

function overlap(a: Frame, b: Frame): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

function outside(box: Frame, frame: Frame): number {
  return box.width * box.height - overlap(box, frame);
}
