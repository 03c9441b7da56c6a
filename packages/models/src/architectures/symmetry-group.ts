/** Symmetries of space that a network may be held to. */
export const symmetries = ['square', 'prism', 'cube'] as const;
export type Symmetry = (typeof symmetries)[number];

/** How many elements each group has. */
export const orderOf: Readonly<Record<Symmetry, number>> = { square: 8, prism: 16, cube: 48 };

/** A signed permutation of the axes: coordinate i of R v is sign[i] · v[from[i]]. */
interface Element {
  readonly from: readonly number[];
  readonly sign: readonly number[];
}

/** A finite group of rotations and mirrors, as permutations of what it moves. */
export interface SymmetryGroup {
  readonly order: number;
  /** For each element, where it takes the cells of a box of `sides`, which is centred on the fixed point. */
  cells(sides: readonly number[]): number[][];
  /** For each element r, the place of r·h for every h: the regular representation. */
  readonly elements: readonly (readonly number[])[];
}

/**
 * The eight symmetries of the square in the plane of y and x, the sixteen of the prism, where z is mirrored as well, or
 * the forty-eight of the cube. Of a plane the square alone.
 */
export function symmetryGroup(symmetry: Symmetry, rank: number): SymmetryGroup {
  const all = elementsOf(symmetry, rank);
  const keys = new Map(all.map((element, i) => [keyOf(element), i]));
  return {
    order: all.length,
    cells: (sides) => all.map((element) => permutationOf(element, sides)),
    elements: all.map((r) => all.map((h) => keys.get(keyOf(product(r, h)))!)),
  };
}

function elementsOf(symmetry: Symmetry, rank: number): Element[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  // Axes that are turned into each other, and axes that are mirrored.
  const turned = symmetry === 'cube' ? axes : axes.slice(-2);
  const mirrored = symmetry === 'square' ? axes.slice(-2) : axes;
  const orders = permutations(turned).map((order) => [...axes.slice(0, rank - turned.length), ...order]);
  const signs = mirrored.reduce<number[][]>(
    (lists, axis) => lists.flatMap((list) => [list, list.map((sign, i) => (i === axis ? -sign : sign))]),
    [axes.map(() => 1)],
  );
  return orders.flatMap((from) => signs.map((sign) => ({ from, sign })));
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

const keyOf = ({ from, sign }: Element): string => `${from.join()} ${sign.join()}`;

/** r after h. */
const product = (r: Element, h: Element): Element => ({
  from: r.from.map((axis) => h.from[axis]),
  sign: r.sign.map((sign, i) => sign * h.sign[r.from[i]]),
});

/** Where an element takes each cell of a box, by flat index; sides that it turns into each other are equal. */
function permutationOf({ from, sign }: Element, sides: readonly number[]): number[] {
  const count = sides.reduce((size, side) => size * side, 1);
  return Array.from({ length: count }, (_, cell) => {
    const centred = coordinates(cell, sides).map((at, axis) => 2 * at - (sides[axis] - 1));
    const moved = from.map((axis, i) => (sign[i] * centred[axis] + sides[i] - 1) / 2);
    return moved.reduce((index, at, axis) => index * sides[axis] + at, 0);
  });
}

function coordinates(cell: number, sides: readonly number[]): number[] {
  const out: number[] = [];
  let rest = cell;
  for (const side of [...sides].reverse()) {
    out.unshift(rest % side);
    rest = Math.floor(rest / side);
  }
  return out;
}
