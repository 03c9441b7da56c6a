import { createMask, type Mask } from '../src/index.js';

/** A mask from rows of text: `#` is foreground. */
export function draw(...rows: string[]): Mask {
  return createMask(
    rows.flatMap((row) => [...row].map((c) => c === '#')),
    rows[0].length,
    rows.length,
  );
}

/** A grey image from a function of x and y. */
export function paint(width: number, height: number, f: (x: number, y: number) => number) {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y * width + x] = f(x, y);
  return { data, width, height, depth: 1, channels: 1 };
}
