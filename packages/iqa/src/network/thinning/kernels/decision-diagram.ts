/** What a diagram decides: yes, no, or as its node of this index does. */
export type Decision = number | boolean;

/** Asks for one bit. */
export interface DecisionNode {
  readonly bit: number;
  readonly low: Decision;
  readonly high: Decision;
}

/**
 * The reduced ordered decision diagram (Bryant 1986, doi 10.1109/TC.1986.1676819) of a set of codes: shared nodes, each
 * after those that it leads to.
 * @param order the bits, the first to be asked first; their choice changes the number of nodes alone.
 */
export function decisionDiagram(
  codes: ReadonlySet<number>,
  order: readonly number[],
): { nodes: readonly DecisionNode[]; root: Decision } {
  const nodes: DecisionNode[] = [];
  const known = new Map<string, number>();
  const decide = (level: number, code: number): Decision => {
    if (level === order.length) return codes.has(code);
    const bit = order[level];
    const low = decide(level + 1, code);
    const high = decide(level + 1, code | (1 << bit));
    if (low === high) return low;
    const key = `${bit} ${low} ${high}`;
    const index = known.get(key) ?? nodes.push({ bit, low, high }) - 1;
    known.set(key, index);
    return index;
  };
  return { nodes, root: decide(0, 0) };
}
