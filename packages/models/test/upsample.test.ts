import { createRng } from '@lacuna/core';
import { expect, it } from 'vitest';
import { transposedUp } from '../src/architectures/upsample.js';
import { Graph, convTranspose, createProgram, createTfjsEngine, initialVariables, type Tensor } from '../src/index.js';

const COLUMNS = 6;
const FACTOR = 8;

/** From how many coarse columns each fine column is made, of an image of one row that is enlarged along it. */
async function columnsSeen(enlarge: (g: Graph, lr: Tensor) => Tensor): Promise<number[]> {
  const g = new Graph();
  const program = createProgram(g, { run: { fetches: { sr: enlarge(g, g.input('lr', [1, 1, COLUMNS, 1])) } } });
  const executable = await (await createTfjsEngine('wasm')).compile(program);
  await executable.write(initialVariables(g, createRng(0)));
  const seen = new Array<number>(COLUMNS * FACTOR).fill(0);
  for (let column = 0; column < COLUMNS; column++) {
    const lr = new Float32Array(COLUMNS);
    lr[column] = 1;
    const { sr } = await executable.run('run', { lr });
    sr.forEach((value, i) => (seen[i] += value === 0 ? 0 : 1));
  }
  executable.dispose();
  return seen;
}

it('stages make every fine pixel from two coarse ones at least, a kernel of 9 at a stride of 8 does not', async () => {
  const factor = [1, FACTOR];
  const staged = await columnsSeen((g, lr) => transposedUp(g, 'up', lr, { factor, features: 3, channels: 1 }));
  const single = await columnsSeen((g, lr) =>
    convTranspose(g, 'up', lr, { filters: 1, kernel: [3, 9], stride: factor }),
  );
  const inside = (seen: readonly number[]) => seen.slice(FACTOR, -FACTOR);
  expect(Math.min(...inside(staged))).toBeGreaterThanOrEqual(2);
  expect(inside(single).filter((count) => count === 1)).toHaveLength((COLUMNS - 2) * (FACTOR - 1));
});

it('an image that keeps its size gets one convolution', () => {
  const g = new Graph();
  const lr = g.input('lr', [1, 4, 5, 3]);
  expect(transposedUp(g, 'up', lr, { factor: [1, 1], features: 2, channels: 1 }).shape).toEqual([1, 4, 5, 1]);
});
