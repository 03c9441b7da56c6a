import { convertLength, printable } from '@lacuna/core';
import type { GraphFacts } from './graph-text.js';
import { numberText } from './graph-text.js';
import type { MeasuredBranch, MeasuredNetwork, Place } from './measured.js';

/** SWC's type of a point that is neither soma nor axon nor dendrite. */
const UNDEFINED = 0;
const ROOT = -1;

/** Branches by the nodes that they touch; a loop stands twice at its node. */
function branchesAt({ nodes, branches }: MeasuredNetwork): MeasuredBranch[][] {
  const at: MeasuredBranch[][] = nodes.map(() => []);
  for (const branch of branches) {
    at[branch.from].push(branch);
    at[branch.to].push(branch);
  }
  return at;
}

/** How many branches close a cycle: branches - nodes + components. */
export function cyclesOf({ nodes, branches }: MeasuredNetwork): number {
  const group = nodes.map(({ id }) => id);
  const find = (id: number): number => {
    let root = id;
    while (group[root] !== root) root = group[root];
    while (group[id] !== root) [id, group[id]] = [group[id], root];
    return root;
  };
  let cycles = 0;
  for (const { from, to } of branches) {
    const [a, b] = [find(from), find(to)];
    if (a === b) cycles++;
    else group[a] = b;
  }
  return cycles;
}

/**
 * The network as SWC (Cannon et al. 1998, doi 10.1016/S0165-0270(98)00091-0): id, type, x, y, z, radius, parent; a tree
 * for each component, parents first. SWC holds no cycles: a branch that would close one ends at the place of the node
 * that it reaches, without being joined to it, so that no length is lost. In µm where the pixel size is known, else in
 * px.
 */
export function* swcText(network: MeasuredNetwork, facts: GraphFacts): Generator<string> {
  const { nodes, unit, radiusAt, placeOf } = network;
  const cycles = cyclesOf(network);
  const scale = unit === 'px' ? 1 : convertLength(1, unit, 'um');
  for (const [name, value] of Object.entries(facts)) yield `# ${name}: ${printable(String(value))}\n`;
  yield unit === 'px' ? '# unit: px (the pixel size is not known)\n' : '# unit: um\n';
  yield `# cycles cut: ${cycles} (SWC holds trees: such a branch ends at its node without being joined to it)\n`;
  yield '# id type x y z radius parent\n';
  let last = 0;
  const line = ({ x, y, z }: Place, radius: number, parent: number): string => {
    const numbers = [x, y, z, radius].map((value) => numberText(value * scale));
    return `${++last} ${UNDEFINED} ${numbers.join(' ')} ${parent}\n`;
  };
  const incident = branchesAt(network);
  const idOf = new Int32Array(nodes.length);
  const walked = new Uint8Array(network.branches.length);
  for (const root of [...nodes].sort((a, b) => b.degree - a.degree || a.id - b.id)) {
    if (idOf[root.id] > 0) continue;
    yield line(root, root.radius, ROOT);
    idOf[root.id] = last;
    const open = [root.id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const branch of incident[at]) {
        if (walked[branch.id]) continue;
        walked[branch.id] = 1;
        const forward = branch.from === at;
        const other = forward ? branch.to : branch.from;
        let parent = idOf[at];
        for (const pixel of between(branch, forward, network)) {
          yield line(placeOf(pixel), radiusAt(pixel), parent);
          parent = last;
        }
        yield line(nodes[other], nodes[other].radius, parent);
        if (idOf[other] > 0) continue;
        idOf[other] = last;
        open.push(other);
      }
    }
  }
}

/** A branch's pixels from one node to the other, without those that lie where its nodes do. */
function between(branch: MeasuredBranch, forward: boolean, { nodes, placeOf }: MeasuredNetwork): number[] {
  const pixels = Array.from(branch.pixels);
  if (!forward) pixels.reverse();
  const lies = (pixel: number, node: Place): boolean => {
    const { x, y, z } = placeOf(pixel);
    return x === node.x && y === node.y && z === node.z;
  };
  return pixels.filter((pixel) => !lies(pixel, nodes[branch.from]) && !lies(pixel, nodes[branch.to]));
}
