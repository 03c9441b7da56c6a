import { broadcastShape, formatShape, requireEqual } from '../shape.js';
import type { OpDefinitions } from './definition.js';

/** Products of matrices. */
export const products: OpDefinitions<'matmul'> = {
  // Batched: [..., m, k] x [..., k, n], the leading axes broadcast; either side may be transposed.
  matmul: {
    shape: ([a, b], { transposeA, transposeB }) => {
      const left = transposeA ? [...a.slice(0, -2), a.at(-1)!, a.at(-2)!] : a;
      const right = transposeB ? [...b.slice(0, -2), b.at(-1)!, b.at(-2)!] : b;
      const who = `${formatShape(left)} with ${formatShape(right)}: inner size`;
      requireEqual('matmul', who, left.at(-1)!, right.at(-2)!);
      return [...broadcastShape('matmul', left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!];
    },
    gradient: (g, { inputs: [a, b], attributes: { transposeA: ta, transposeB: tb } }, dy) => {
      const da = ta ? g.matmul(b, dy, { transposeA: tb, transposeB: true }) : g.matmul(dy, b, { transposeB: !tb });
      const db = tb ? g.matmul(dy, a, { transposeA: true, transposeB: ta }) : g.matmul(a, dy, { transposeA: !ta });
      return [g.sumTo(da, a.shape), g.sumTo(db, b.shape)];
    },
  },
};
