import type { Network, NetworkBranch } from './network.js';

/** Six significant digits: a nanometre in a millimetre. */
const round = (value: number): number => Number(value.toPrecision(6));
const lineOf = ({ points }: NetworkBranch): number[][] =>
  points.map(({ x, y, z, radius }) => [round(x), round(y), round(z), round(radius)]);

/**
 * A network as JSON: `unit`, `nodes` (id, kind, degree, position, semiAxes of lacunae) and `branches` (id, from, to,
 * kind, length, radius, points as [x, y, z, radius]). Positions count from the outer corner of the first voxel.
 * Written in parts, so that large networks need no string as long as all of them.
 */
export function* networkJson({ unit, nodes, branches }: Network): Generator<string> {
  yield `{\n  "unit": ${JSON.stringify(unit)},\n  "nodes": [\n`;
  for (const [i, { id, kind, degree, x, y, z, semiAxes }] of nodes.entries()) {
    yield `    ${JSON.stringify({ id, kind, degree, position: [round(x), round(y), round(z)], ...(semiAxes ? { semiAxes: semiAxes.map(round) } : {}) })}${i + 1 < nodes.length ? ',' : ''}\n`;
  }
  yield '  ],\n  "branches": [\n';
  for (const [i, branch] of branches.entries()) {
    const { id, from, to, kind, length, radius } = branch;
    yield `    ${JSON.stringify({ id, from, to, kind, length: round(length), radius: round(radius), points: lineOf(branch) })}${i + 1 < branches.length ? ',' : ''}\n`;
  }
  yield '  ]\n}\n';
}

/**
 * A network as GraphML, for NetworkX, igraph, Gephi and Cytoscape: an undirected graph (parallel edges allowed) with
 * the fields of {@link networkJson}; `points` is a text of "x y z radius" separated by semicolons.
 */
export function* networkGraphml({ unit, nodes, branches }: Network): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  const keys = [
    ['kind', 'node', 'string'],
    ['x', 'node', 'double'],
    ['y', 'node', 'double'],
    ['z', 'node', 'double'],
    ['degree', 'node', 'int'],
    ['class', 'edge', 'string'],
    ['length', 'edge', 'double'],
    ['radius', 'edge', 'double'],
    ['points', 'edge', 'string'],
    ['unit', 'graph', 'string'],
  ];
  for (const [name, of, type] of keys)
    yield `  <key id="${name}" for="${of}" attr.name="${name}" attr.type="${type}"/>\n`;
  yield `  <graph id="network" edgedefault="undirected">\n    <data key="unit">${unit}</data>\n`;
  for (const { id, kind, degree, x, y, z } of nodes) {
    yield `    <node id="n${id}"><data key="kind">${kind}</data><data key="x">${round(x)}</data><data key="y">${round(y)}</data><data key="z">${round(z)}</data><data key="degree">${degree}</data></node>\n`;
  }
  for (const branch of branches) {
    const points = lineOf(branch)
      .map((point) => point.join(' '))
      .join(';');
    yield `    <edge id="e${branch.id}" source="n${branch.from}" target="n${branch.to}"><data key="class">${branch.kind}</data><data key="length">${round(branch.length)}</data><data key="radius">${round(branch.radius)}</data><data key="points">${points}</data></edge>\n`;
  }
  yield '  </graph>\n</graphml>\n';
}
