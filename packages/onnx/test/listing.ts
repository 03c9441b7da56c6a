import { Graph, topologicalOrder, type Tensor } from '@lacuna/models';

/** A graph as text, op for op: what each is, what it reads, every attribute. */
function listing(sr: Tensor): string[] {
  const order = topologicalOrder([sr]);
  const place = new Map(order.map((tensor, i) => [tensor.id, i]));
  const plain = (_: string, value: unknown) => (value instanceof Float32Array ? [...value] : value);
  return order.map(({ op, shape, inputs, attributes }) => {
    const sources = inputs.map((input) => place.get(input.id));
    return `${op} [${shape.join()}] of ${sources.join()} ${JSON.stringify(attributes, plain)}`;
  });
}

export function listingAt(generator: (g: Graph, lr: Tensor) => Tensor, shape: readonly number[]): string[] {
  const g = new Graph();
  return listing(generator(g, g.input('lr', shape)));
}
