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
    const node = { id, kind, degree, position: [round(x), round(y), round(z)] };
    const all = semiAxes ? { ...node, semiAxes: semiAxes.map(round) } : node;
    yield `    ${JSON.stringify(all)}${i + 1 < nodes.length ? ',' : ''}\n`;
  }
  yield '  ],\n  "branches": [\n';
  for (const [i, branch] of branches.entries()) {
    const { id, from, to, kind, length, radius } = branch;
    const all = { id, from, to, kind, length: round(length), radius: round(radius), points: lineOf(branch) };
    yield `    ${JSON.stringify(all)}${i + 1 < branches.length ? ',' : ''}\n`;
  }
  yield '  ]\n}\n';
}

/** Fields of a node or an edge in GraphML. */
const dataOf = (fields: Readonly<Record<string, string | number>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `<data key="${key}">${value}</data>`)
    .join('');

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
    const data = dataOf({ kind, x: round(x), y: round(y), z: round(z), degree });
    yield `    <node id="n${id}">${data}</node>\n`;
  }
  for (const branch of branches) {
    const points = lineOf(branch)
      .map((point) => point.join(' '))
      .join(';');
    const { id, from, to, kind, length, radius } = branch;
    const data = dataOf({ class: kind, length: round(length), radius: round(radius), points });
    yield `    <edge id="e${id}" source="n${from}" target="n${to}">${data}</edge>\n`;
  }
  yield '  </graph>\n</graphml>\n';
}
