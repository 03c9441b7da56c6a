import type { Mask } from '../../src/index.js';
import { RULES } from '../../src/network/thinning/thin-zhang.js';

/** The rule pixel by pixel: both halves in turn over the whole plane, until nothing goes. */
export function thinPlainly({ data, width, height }: Mask): Uint8Array {
  const current = data.slice();
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : current[y * width + x]);
  const around = [
    [-1, -1],
    [0, -1],
    [1, -1],
    [1, 0],
    [1, 1],
    [0, 1],
    [-1, 1],
    [-1, 0],
  ];
  for (let went = true; went;) {
    went = false;
    for (const half of [RULES.first, RULES.second]) {
      const deletable = new Set(half.deletable);
      const doomed: number[] = [];
      for (let i = 0; i < current.length; i++) {
        const x = i % width;
        const y = Math.floor(i / width);
        if (current[i] && deletable.has(around.reduce((code, [dx, dy], bit) => code | (at(x + dx, y + dy) << bit), 0)))
          doomed.push(i);
      }
      for (const i of doomed) current[i] = 0;
      went ||= doomed.length > 0;
    }
  }
  return current;
}
