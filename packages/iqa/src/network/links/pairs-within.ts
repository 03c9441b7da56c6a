import { distance, type Vector } from './free-ends.js';

/**
 * Pairs of places that lie within a distance, each once, by cells as wide as it: linear in the places where they are
 * spread out.
 * @param visit takes the numbers of both, the smaller first.
 */
export function pairsWithin(
  places: readonly Vector[],
  most: number,
  visit: (first: number, second: number) => void,
): void {
  const cells = new Map<string, number[]>();
  const cellOf = (place: Vector) => place.map((at) => Math.floor(at / most));
  places.forEach((place, i) => {
    const [x, y, z] = cellOf(place);
    for (let w = z - 1; w <= z + 1; w++)
      for (let v = y - 1; v <= y + 1; v++)
        for (let u = x - 1; u <= x + 1; u++)
          for (const other of cells.get(`${u},${v},${w}`) ?? [])
            if (distance(places[other], place) <= most) visit(other, i);
    const key = `${x},${y},${z}`;
    const here = cells.get(key);
    if (here) here.push(i);
    else cells.set(key, [i]);
  });
}
