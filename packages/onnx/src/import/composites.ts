import { alongAxes, fourierMatrix, spatialSizes, upsample, type Graph, type Tensor } from '@lacuna/models';
import { parseComposite, type Composite } from '../export/composites.js';
import type { Reading, Value } from './reading.js';

/** The op of ours that several nodes of the file are together, at the last of them; null for any other node. */
export function readComposite({ g, node }: Reading, values: ReadonlyMap<string, Value>): Value | null {
  const composite = parseComposite(node.docString);
  const of = composite && values.get(composite.of);
  if (!composite || of?.kind !== 'tensor' || of.layout !== 'image') return null;
  const { kind, numbers } = composite;
  const x = of.tensor;
  return { kind: 'tensor', tensor: tensorOf(g, x, kind, numbers), layout: 'image' };
}

function tensorOf(g: Graph, x: Tensor, kind: Composite['kind'], numbers: readonly number[]): Tensor {
  switch (kind) {
    case 'bicubic':
      return upsample(g, x, numbers, kind);
    case 'cosine':
    case 'sine': {
      const along = spatialSizes(x.shape).map((length, axis) =>
        axis === numbers[0] ? fourierMatrix(kind, length) : null,
      );
      return alongAxes(g, x, along);
    }
    default:
      return g[kind](x, numbers);
  }
}
