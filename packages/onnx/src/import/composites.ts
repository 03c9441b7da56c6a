import { upsample } from '@lacuna/models';
import { parseComposite } from '../export/composites.js';
import type { Reading, Value } from './reading.js';

/** The op of ours that several nodes of the file are together, at the last of them; null for any other node. */
export function readComposite({ g, node }: Reading, values: ReadonlyMap<string, Value>): Value | null {
  const composite = parseComposite(node.docString);
  const of = composite && values.get(composite.of);
  if (!composite || of?.kind !== 'tensor' || of.layout !== 'image') return null;
  const { kind, numbers } = composite;
  const x = of.tensor;
  const tensor = kind === 'bicubic' ? upsample(g, x, numbers, kind) : g[kind](x, numbers);
  return { kind: 'tensor', tensor, layout: 'image' };
}
