import { printable } from '@lacuna/core';
import type { BranchColumn } from './branch-column.js';
import type { MeasuredBranch, MeasuredNetwork, MeasuredNode } from './measured.js';
import type { Proposal } from './proposal.js';

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

/** What else a graph shows: more numbers of each branch, and links that are proposed. */
export interface GraphExtras {
  readonly columns?: readonly BranchColumn[];
  /** Edges with `proposed` true and a score, behind the branches; null, and by default, where none were looked for. */
  readonly proposals?: readonly Proposal[] | null;
}

/** What tells a proposed link from a branch. */
const PROPOSED = { proposed: 'boolean', score: 'double', evidence: 'double', alignment: 'double' } as const;

function proposalFields(proposal: Proposal, nodes: readonly MeasuredNode[]) {
  const { from, to, length, intensity, score, evidence, alignment } = proposal;
  return {
    proposed: true,
    score: rounded(score),
    evidence: rounded(evidence),
    alignment: rounded(alignment),
    length: rounded(length),
    mean_intensity: rounded(intensity),
    from_kind: nodes[from].kind,
    to_kind: nodes[to].kind,
  };
}

/**
 * The graph as node-link JSON, as NetworkX's `node_link_graph` reads it (3.6 and later; before, with
 * `edges="edges"`): an undirected multigraph. An edge's `points` are its centreline, [x, y, z,
 * radius] in the unit.
 */
export function* nodeLinkText(
  network: MeasuredNetwork,
  facts: GraphFacts,
  { columns = [], proposals = null }: GraphExtras = {},
): Generator<string> {
  const { nodes, branches, placeOf, radiusAt } = network;
  const isBranch: { readonly proposed?: false } = proposals === null ? {} : { proposed: false };
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
    const edge = { source: branch.from, target: branch.to, key, ...fields, ...isBranch, points };
    yield `${branch.id > 0 ? ',' : ''}\n${JSON.stringify(edge)}`;
  }
  for (const proposal of proposals ?? []) {
    const key = branches.length + proposal.id;
    const points = Array.from(proposal.pixels, (pixel) => {
      const { x, y, z } = placeOf(pixel);
      return [x, y, z].map(rounded);
    });
    const edge = { source: proposal.from, target: proposal.to, key, ...proposalFields(proposal, nodes), points };
    yield `${key > 0 ? ',' : ''}\n${JSON.stringify(edge)}`;
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
  { columns = [], proposals = null }: GraphExtras = {},
): Generator<string> {
  const { nodes, branches } = network;
  const isBranch: { readonly proposed?: false } = proposals === null ? {} : { proposed: false };
  const own = factsOf(network, facts);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  for (const [name, value] of Object.entries(own))
    yield keyText('graph', name, typeof value === 'number' ? 'double' : 'string');
  for (const [bearer, types] of Object.entries(attributes))
    for (const [name, type] of Object.entries(types)) yield keyText(bearer, name, type);
  for (const { name } of columns) yield keyText('edge', name, 'double');
  if (proposals !== null) for (const [name, type] of Object.entries(PROPOSED)) yield keyText('edge', name, type);
  yield '<graph id="network" edgedefault="undirected">\n';
  yield `${dataText('graph', own)}\n`;
  for (const node of nodes) yield `<node id="n${node.id}">${dataText('node', nodeFields(node))}</node>\n`;
  for (const branch of branches) {
    const ends = `source="n${branch.from}" target="n${branch.to}"`;
    const fields = { ...branchFields(branch, nodes, columns), ...isBranch };
    yield `<edge id="e${branch.id}" ${ends}>${dataText('edge', fields)}</edge>\n`;
  }
  for (const proposal of proposals ?? []) {
    const id = branches.length + proposal.id;
    const ends = `source="n${proposal.from}" target="n${proposal.to}"`;
    const fields = { id, ...proposalFields(proposal, nodes) };
    yield `<edge id="e${id}" ${ends}>${dataText('edge', fields)}</edge>\n`;
  }
  yield '</graph>\n</graphml>\n';
}

const keyText = (bearer: string, name: string, type: string): string =>
  `<key id="${bearer}_${name}" for="${bearer}" attr.name="${name}" attr.type="${type}"/>\n`;

function dataText(
  bearer: string,
  fields: Readonly<Record<string, string | number | boolean | null | undefined>>,
): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `<data key="${bearer}_${name}">${escaped(String(value))}</data>`)
    .join('');
}

/** Text in XML, without the control characters that XML cannot hold. */
function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
