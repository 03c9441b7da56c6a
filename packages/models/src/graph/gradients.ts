import { ShapeError } from '@lacuna/core';
import type { OpName } from './attributes.js';
import type { Builder } from './builder.js';
import { ops } from './ops/index.js';
import { formatShape, sizeOf } from './shape.js';
import type { Node, Tensor } from './tensor.js';

/** Every tensor that `outputs` need, inputs before users. Iterative: deep networks overflow no stack. */
export function topologicalOrder(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<number>();
  const stack: { node: Tensor; next: number }[] = [];
  for (const output of outputs) {
    if (!seen.has(output.id)) {
      seen.add(output.id);
      stack.push({ node: output, next: 0 });
    }
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input.id)) {
        seen.add(input.id);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/**
 * dL/dw for each of `wrt`, as new tensors of the same graph (reverse mode).
 * A tensor that the loss does not depend on, or only through flat ops, gets zeros.
 * @throws {ShapeError} if the loss is not a single number.
 */
export function gradients(g: Builder, loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1)
    throw new ShapeError({ who: 'gradients', got: `a loss of shape ${formatShape(loss.shape)}`, wanted: 'one number' });
  const order = topologicalOrder([loss]);
  const leads = new Set(wrt.map((tensor) => tensor.id));
  for (const node of order)
    if (node.inputs.some((input) => leads.has(input.id)) && ops[node.op].gradient) leads.add(node.id);

  const terms = new Map<number, Tensor[]>([[loss.id, [g.fill(1, loss.shape)]]]);
  const total = (node: Tensor): Tensor | undefined => terms.get(node.id)?.reduce((sum, term) => g.add(sum, term));
  const found = new Map<number, Tensor>();
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i];
    if (!leads.has(node.id)) continue;
    const upstream = total(node);
    if (!upstream) continue;
    found.set(node.id, upstream);
    if (!node.inputs.some((input) => leads.has(input.id))) continue;
    inputGradients(g, node, upstream).forEach((gradient, k) => {
      const input = node.inputs[k];
      if (!gradient || !leads.has(input.id)) return;
      const list = terms.get(input.id);
      if (list) list.push(gradient);
      else terms.set(input.id, [gradient]);
    });
  }
  return wrt.map((tensor) => found.get(tensor.id) ?? g.fill(0, tensor.shape));
}

/** What the op's own rule says; nothing for leaves and flat ops. */
function inputGradients<Op extends OpName>(g: Builder, node: Node<Op>, upstream: Tensor): readonly (Tensor | null)[] {
  return ops[node.op].gradient?.(g, node, upstream) ?? [];
}
