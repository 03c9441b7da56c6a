import { printable } from '@lacuna/core';
import type { BranchColumn } from './branch-column.js';
import type { MeasuredBranch, MeasuredNetwork, MeasuredNode } from './measured.js';

/** What a graph file says of where it comes from; text and numbers alone. */
export type GraphFacts = Readonly<Record<string, string | number>>;

/** Digits of measured numbers: what float32 images hold. */
const DIGITS = 7;

/** A measured number as text; nothing where there is none. */
export const numberText = (value: number | null): string =>
  value === null ? '' : String(Number(value.toPrecision(DIGITS)));

const rounded = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(DIGITS)));

function nodeFields({ kind, x, y, z, radius, degree }: MeasuredNode) {
  return { kind, x: rounded(x), y: rounded(y), z: rounded(z), radius: rounded(radius), degree };
}

function branchFields(
  branch: MeasuredBranch,
  nodes: readonly MeasuredNode[],
  columns: readonly BranchColumn[],
): Readonly<Record<string, string | number | null>> {
  return {
    id: branch.id,
    length: rounded(branch.length),
    mean_radius: rounded(branch.meanRadius),
    min_radius: rounded(branch.minRadius),
    tortuosity: rounded(branch.tortuosity),
    mean_intensity: rounded(branch.meanIntensity),
    min_intensity: rounded(branch.minIntensity),
    from_kind: nodes[branch.from].kind,
    to_kind: nodes[branch.to].kind,
    weakness: rounded(branch.weakness),
    ...Object.fromEntries(columns.map(({ name, values }) => [name, rounded(values[branch.id])])),
  };
}

function factsOf({ unit, spacing: { x, y, z } }: MeasuredNetwork, facts: GraphFacts): GraphFacts {
  return { ...facts, unit, pixel_x: x, pixel_y: y, pixel_z: z };
}

/**
 * The graph as node-link JSON, as NetworkX's `node_link_graph` reads it (3.6 and later; before, with
 * `edges="edges"`): an undirected multigraph. An edge's `points` are its centreline, [x, y, z,
 * radius] in the unit.
 */
export function* nodeLinkText(
  network: MeasuredNetwork,
  facts: GraphFacts,
  columns: readonly BranchColumn[] = [],
): Generator<string> {
  const { nodes, branches, placeOf, radiusAt } = network;
  const head = JSON.stringify({ directed: false, multigraph: true, graph: factsOf(network, facts) });
  yield `${head.slice(0, -1)},"nodes":[`;
  for (const node of nodes) yield `${node.id > 0 ? ',' : ''}\n${JSON.stringify({ id: node.id, ...nodeFields(node) })}`;
  yield '],"edges":[';
  for (const branch of branches) {
    const { id: key, ...fields } = branchFields(branch, nodes, columns);
    const points = Array.from(branch.pixels, (pixel) => {
      const { x, y, z } = placeOf(pixel);
      return [x, y, z, radiusAt(pixel)].map(rounded);
    });
    const edge = { source: branch.from, target: branch.to, key, ...fields, points };
    yield `${branch.id > 0 ? ',' : ''}\n${JSON.stringify(edge)}`;
  }
  yield ']}\n';
}

/** Attributes of a GraphML file by what bears them, with GraphML's types. */
const attributes = {
  node: { kind: 'string', x: 'double', y: 'double', z: 'double', radius: 'double', degree: 'int' },
  edge: {
    id: 'int',
    length: 'double',
    mean_radius: 'double',
    min_radius: 'double',
    tortuosity: 'double',
    mean_intensity: 'double',
    min_intensity: 'double',
    from_kind: 'string',
    to_kind: 'string',
    weakness: 'double',
  },
} as const;

/**
 * The graph as GraphML (Brandes et al. 2002, doi 10.1007/3-540-45848-4_59), undirected; several edges may join two
 * nodes. Attributes that have no value are left out.
 */
export function* graphMlText(
  network: MeasuredNetwork,
  facts: GraphFacts,
  columns: readonly BranchColumn[] = [],
): Generator<string> {
  const { nodes, branches } = network;
  const own = factsOf(network, facts);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  for (const [name, value] of Object.entries(own))
    yield keyText('graph', name, typeof value === 'number' ? 'double' : 'string');
  for (const [bearer, types] of Object.entries(attributes))
    for (const [name, type] of Object.entries(types)) yield keyText(bearer, name, type);
  for (const { name } of columns) yield keyText('edge', name, 'double');
  yield '<graph id="network" edgedefault="undirected">\n';
  yield `${dataText('graph', own)}\n`;
  for (const node of nodes) yield `<node id="n${node.id}">${dataText('node', nodeFields(node))}</node>\n`;
  for (const branch of branches) {
    const ends = `source="n${branch.from}" target="n${branch.to}"`;
    yield `<edge id="e${branch.id}" ${ends}>${dataText('edge', branchFields(branch, nodes, columns))}</edge>\n`;
  }
  yield '</graph>\n</graphml>\n';
}

const keyText = (bearer: string, name: string, type: string): string =>
  `<key id="${bearer}_${name}" for="${bearer}" attr.name="${name}" attr.type="${type}"/>\n`;

function dataText(bearer: string, fields: Readonly<Record<string, string | number | null>>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<data key="${bearer}_${name}">${escaped(String(value))}</data>`)
    .join('');
}

/** Text in XML, without the control characters that XML cannot hold. */
function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
