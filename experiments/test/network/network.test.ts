import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage, type PixelSize } from '@lacuna/core';
import { createZarrStream, readFrames, readImage, writePng, writeTiff } from '@lacuna/datasets';
import { beforeEach, describe, expect, it } from 'vitest';
import { networkOfFiles, type NetworkOptions } from '../../src/network/network-of-files.js';
import { parseReach, reachOf } from '../../src/network/proposals.js';
import { stageFiles } from '../../src/network/staged-files.js';
import { readCsv } from '../../src/iqa/csv.js';
import { findPython } from '../export/python.js';

let folder: string;
let lines: string[];
const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

const defaults: Omit<NetworkOptions, 'out'> = {
  level: 50,
  invert: false,
  smoothing: 0,
  channel: null,
  pixelSize: null,
  memory: null,
  force: false,
};
const network = (input: string, options: Partial<NetworkOptions> = {}) =>
  networkOfFiles(at(input), { ...defaults, out: at('out'), ...options }, (line) => lines.push(line));

type Point = readonly [x: number, y: number, z?: number];
/** Lines of grey pixels along the axes, ends included. */
const draw = (
  size: { width: number; height: number; depth?: number },
  strokes: readonly { from: Point; to: Point; value?: number }[],
  pixelSize: PixelSize | null = null,
) => {
  const image = createImage({ ...size, dataRange: [0, 255], pixelSize });
  for (const { from, to, value = 200 } of strokes) {
    const steps = Math.max(...[0, 1, 2].map((axis) => Math.abs((to[axis] ?? 0) - (from[axis] ?? 0))));
    for (let k = 0; k <= steps; k++) {
      const [x, y, z] = [0, 1, 2].map((axis) => {
        const start = from[axis] ?? 0;
        return start + Math.round((((to[axis] ?? 0) - start) * k) / Math.max(1, steps));
      });
      image.data[(z * image.height + y) * image.width + x] = value;
    }
  }
  return image;
};
/** A T: a bar whose left end lies at the border, and a weaker stem. */
const tee = (pixelSize: PixelSize | null) =>
  draw(
    { width: 31, height: 21 },
    [
      { from: [0, 5], to: [25, 5] },
      { from: [12, 6], to: [12, 16], value: 90 },
    ],
    pixelSize,
  );
/** A frame in one plane of a volume, and a line along z that begins at its corner. */
const frameAndLine = (pixelSize: PixelSize | null) =>
  draw(
    { width: 20, height: 18, depth: 9 },
    [
      { from: [4, 4, 3], to: [12, 4, 3] },
      { from: [12, 4, 3], to: [12, 12, 3] },
      { from: [12, 12, 3], to: [4, 12, 3] },
      { from: [4, 12, 3], to: [4, 4, 3] },
      { from: [12, 12, 3], to: [12, 12, 7] },
    ],
    pixelSize,
  );

interface SwcPoint {
  readonly id: number;
  readonly place: readonly number[];
  readonly radius: number;
  readonly parent: number;
}
function readSwc(name: string): { points: SwcPoint[]; header: string } {
  const all = text(name).trimEnd().split('\n');
  const points = all
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [id, , x, y, z, radius, parent] = line.split(' ').map(Number);
      return { id, place: [x, y, z], radius, parent };
    });
  return { points, header: all.filter((line) => line.startsWith('#')).join('\n') };
}
function swcLength(points: readonly SwcPoint[]): number {
  const byId = new Map(points.map((point) => [point.id, point]));
  return points.reduce((sum, { place, parent }) => {
    const to = byId.get(parent)?.place;
    return sum + (to ? Math.hypot(...place.map((value, axis) => value - to[axis])) : 0);
  }, 0);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-network-'));
  lines = [];
});

describe('the network of a plane', () => {
  it('comes as mask, centreline, graph and table, in the unit of its pixels along each axis', async () => {
    writeTiff(at('scan.ome.tif'), tee({ x: 0.5, y: 0.25, unit: 'um' }), { type: 'uint8', metadata: 'ome' });
    const written = await network('scan.ome.tif');
    expect(readdirSync(at('out')).sort()).toEqual([
      'scan-branches.csv',
      'scan-centreline.ome.tif',
      'scan-mask.ome.tif',
      'scan-network.graphml',
      'scan-network.json',
      'scan-network.png',
      'scan-network.swc',
    ]);
    expect(written.every((path) => existsSync(path))).toBe(true);
    const mask = await readImage(at('out/scan-mask.ome.tif'));
    expect(mask.pixelSize).toMatchObject({ x: 0.5, y: 0.25, unit: 'um' });
    expect(new Set(mask.data)).toEqual(new Set([0, 255]));
    expect(mask.data.filter((value) => value > 0)).toHaveLength(26 + 11);
    const [header, ...rows] = readCsv(text('out/scan-branches.csv'));
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)]);
    expect(column('length_um').map(Number).sort()).toEqual([2.75, 6, 6.5]);
    expect(column('min_radius_um').map(Number)).toEqual([0.125, 0.125, 0.125]);
    const stem = column('length_um').indexOf('2.75');
    expect([column('from_kind')[stem], column('to_kind')[stem]].sort()).toEqual(['end', 'junction']);
    expect(Number(column('weakness')[stem])).toBeGreaterThan(2 / 3);
    expect(Number(column('tortuosity')[stem])).toBe(1);
    const json = JSON.parse(text('out/scan-network.json')) as {
      graph: { unit: string };
      nodes: { kind: string; x: number; y: number }[];
    };
    expect(json.graph.unit).toBe('um');
    expect(json.nodes.map(({ kind }) => kind).sort()).toEqual(['border', 'end', 'end', 'junction']);
    // Places count from the corner of the first pixel.
    expect(json.nodes.find(({ kind }) => kind === 'border')).toMatchObject({ x: 0.25, y: 1.375 });
    const { points, header: said } = readSwc('out/scan-network.swc');
    expect(said).toContain('unit: um');
    expect(points.filter(({ parent }) => parent === -1)).toHaveLength(1);
    expect(points.every(({ id, parent }) => parent < id)).toBe(true);
    expect(swcLength(points)).toBeCloseTo(2.75 + 6 + 6.5, 5);
  });

  it('is in px where the file says no size, and the size can be told', async () => {
    writeTiff(at('scan.tif'), tee(null), { type: 'uint8' });
    await network('scan.tif');
    expect(lines.join('\n')).toContain('lengths are in px');
    expect(text('out/scan-branches.csv')).toContain('length_px');
    expect(text('out/scan-network.swc')).toContain('unit: px');
    await network('scan.tif', { force: true, pixelSize: { x: 100, y: 100, unit: 'nm' } });
    expect(text('out/scan-branches.csv')).toContain('length_nm');
    // SWC is in µm whatever the unit.
    expect(swcLength(readSwc('out/scan-network.swc').points)).toBeCloseTo(0.1 * (25 + 11), 5);
  });

  it('is dark where that is said, and found by Otsu where that is asked for', async () => {
    const drawn = tee(null);
    const image = { ...drawn, data: drawn.data.map((value) => (value === 90 ? 180 : value)) };
    writeTiff(at('dark.tif'), { ...image, data: image.data.map((value) => 255 - value) }, { type: 'uint8' });
    writeTiff(at('bright.tif'), image, { type: 'uint8' });
    await network('dark.tif', { level: 205, invert: true });
    await network('bright.tif', { level: 'otsu' });
    const bright = await readImage(at('out/bright-mask.tif'));
    expect((await readImage(at('out/dark-mask.tif'))).data).toEqual(bright.data);
    const weakest = (name: string) =>
      readCsv(text(name))
        .slice(1)
        .sort((a, b) => Number(b[12]) - Number(a[12]))[0];
    expect(weakest('out/dark-branches.csv')[10]).toBe('73.33333');
    expect(weakest('out/bright-branches.csv')[10]).toBe('181.6667');
  });

  it('may be empty: all files are there and say so', async () => {
    writeTiff(at('scan.tif'), tee(null), { type: 'uint8' });
    await network('scan.tif', { level: 250 });
    expect(lines.join('\n')).toContain('the files are empty');
    expect(readCsv(text('out/scan-branches.csv'))).toHaveLength(1);
    expect(readSwc('out/scan-network.swc').points).toEqual([]);
    expect(JSON.parse(text('out/scan-network.json'))).toMatchObject({ nodes: [], edges: [] });
  });
});

describe('the network of a volume', () => {
  it('has lengths by axis; SWC cuts its cycle without losing length', async () => {
    writeTiff(at('v.ome.tif'), frameAndLine({ x: 0.1, y: 0.1, z: 0.3, unit: 'um' }), {
      type: 'uint8',
      metadata: 'ome',
    });
    await network('v.ome.tif');
    const { points, header } = readSwc('out/v-network.swc');
    expect(header).toContain('cycles cut: 1');
    expect(lines.join('\n')).toContain('1 cycle is cut');
    const total = (JSON.parse(text('out/v-network.json')) as { edges: { length: number }[] }).edges.reduce(
      (sum, { length }) => sum + length,
      0,
    );
    // A frame of 8 px a side whose corners are cut by one diagonal step each, but for that of the line; 4 planes.
    expect(total).toBeGreaterThan(3.2 - 4 * 0.1 * (2 - Math.SQRT2) + 1.2 - 0.2);
    expect(total).toBeLessThanOrEqual(4.4 + 1e-6);
    expect(swcLength(points)).toBeCloseTo(total, 1);
  });

  it('is in px where the planes lie nobody knows how far apart', async () => {
    writeTiff(at('v.tif'), frameAndLine({ x: 0.1, y: 0.1, unit: 'um' }), { type: 'uint8', metadata: 'ome' });
    await network('v.tif');
    expect(lines.join('\n')).toContain('how far its 9 planes lie apart');
    expect(text('out/v-branches.csv')).toContain('length_px');
  });

  it('is that of each time point, in a Zarr as in a TIFF', async () => {
    const one = frameAndLine(null);
    const stream = createZarrStream(at('t.ome.zarr'), { width: 20, height: 18, depth: 9, frames: 2, type: 'uint8' });
    for (let z = 0; z < 9; z++) await stream.writeRegion({ t: 1, z }, one.data.slice(z * 360, (z + 1) * 360));
    await stream.finish();
    await network('t.ome.zarr');
    expect(
      readCsv(text('out/t-branches.csv'))
        .slice(1)
        .every(([time]) => time === '1'),
    ).toBe(true);
    expect(JSON.parse(text('out/t-network-t000.json'))).toMatchObject({ nodes: [], graph: { time: 0 } });
    expect((JSON.parse(text('out/t-network-t001.json')) as { edges: unknown[] }).edges.length).toBeGreaterThan(0);
    const [first, second] = await readFrames(at('out/t-mask.ome.zarr'));
    expect(first.data.every((value) => value === 0)).toBe(true);
    expect(second.data).toEqual(one.data.map((value) => (value > 50 ? 255 : 0)));
  });
});

describe('what cannot be', () => {
  const refused = async (input: string, options: Partial<NetworkOptions>, message: RegExp) => {
    await expect(network(input, options)).rejects.toThrow(message);
    expect(existsSync(at('out'))).toBe(false);
  };

  it('is said before anything is written', async () => {
    writeTiff(at('scan.tif'), tee(null), { type: 'uint8' });
    await writePng(at('rgb.png'), createImage({ width: 9, height: 9, channels: 3, dataRange: [0, 255] }), { bits: 8 });
    await refused('none.tif', {}, /no such file/);
    await refused('rgb.png', {}, /--channel 0/);
    await refused('scan.tif', { channel: 1 }, /--channel: got 1/);
    await refused('scan.tif', { memory: 1000 }, /31\.2 kB.*--memory/);
    await expect(network('scan.tif', { out: at('scan.tif') })).rejects.toThrow(/a folder/);
  });

  it('leaves nothing, and what lay there before as it was', async () => {
    writeTiff(at('scan.tif'), tee(null), { type: 'uint8' });
    await expect(network('scan.tif', { level: -1 })).rejects.toThrow(/network everywhere/);
    expect(readdirSync(at('out'))).toEqual([]);
    await network('scan.tif');
    const before = text('out/scan-network.json');
    await expect(network('scan.tif')).rejects.toThrow(/--force/);
    await expect(network('scan.tif', { level: -1, force: true })).rejects.toThrow(/network everywhere/);
    expect(text('out/scan-network.json')).toBe(before);
    expect(readdirSync(at('out'))).toHaveLength(7);
  });

  it('puts back what was moved where one file cannot take its place', async () => {
    writeFileSync(at('a.txt'), 'old');
    const write = (staged: (file: string) => string) => {
      writeFileSync(staged('a.txt'), 'new');
      return Promise.resolve();
    };
    await expect(stageFiles([at('a.txt'), at('b.txt')], write)).rejects.toThrow();
    expect(text('a.txt')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });
});

const python = findPython('networkx');

describe.skipIf(python === undefined)('NetworkX', () => {
  it('reads GraphML and node-link JSON as one multigraph', async () => {
    writeTiff(at('v.tif'), frameAndLine(null), { type: 'uint8' });
    writeTiff(at('empty.tif'), createImage({ width: 9, height: 9, dataRange: [0, 255] }), { type: 'uint8' });
    // A double edge: two ways from one junction to another.
    writeTiff(
      at('p&.tif'),
      draw({ width: 30, height: 20 }, [
        { from: [2, 10], to: [27, 10] },
        { from: [8, 10], to: [8, 4] },
        { from: [8, 4], to: [20, 4] },
        { from: [20, 4], to: [20, 10] },
      ]),
      { type: 'uint8' },
    );
    const script = `
import json, sys, networkx as nx
found = []
for stem in sys.argv[1:]:
    g = nx.read_graphml(stem + '-network.graphml', force_multigraph=True)
    j = nx.node_link_graph(json.load(open(stem + '-network.json')), edges='edges')
    same = sorted(d['length'] for *_, d in g.edges(data=True)) == sorted(d['length'] for *_, d in j.edges(data=True))
    kinds = sorted(d['kind'] for _, d in g.nodes(data=True)) == sorted(d['kind'] for _, d in j.nodes(data=True))
    cycles = j.number_of_edges() - j.number_of_nodes() + nx.number_connected_components(j) if len(j) else 0
    found.append([len(j), j.number_of_edges(), cycles, same and kinds, g.graph['unit'], g.graph['image']])
print(json.dumps(found))`;
    for (const name of ['v.tif', 'empty.tif', 'p&.tif']) await network(name);
    const stems = ['v', 'empty', 'p&'].map((stem) => at(`out/${stem}`));
    expect(JSON.parse(execFileSync(python!, ['-c', script, ...stems], { encoding: 'utf8' }))).toEqual([
      [2, 2, 1, true, 'px', 'v.tif'],
      [0, 0, 0, true, 'px', 'empty.tif'],
      [4, 4, 1, true, 'px', 'p&.tif'],
    ]);
  });
});

describe('proposed links', () => {
  /** A bar with a gap that is dimmer than the level, in a field of 10. */
  const broken = (size: { width: number; height: number; depth?: number }) => {
    const z = (size.depth ?? 1) > 1 ? 4 : 0;
    const image = draw(size, [
      { from: [3, 10, z], to: [27, 10, z] },
      { from: [12, 10, z], to: [18, 10, z], value: 40 },
    ]);
    for (let i = 0; i < image.data.length; i++) image.data[i] = Math.max(10, image.data[i]);
    return image;
  };
  const sizes = { plane: { width: 31, height: 21 }, volume: { width: 31, height: 21, depth: 9 } };

  it.each(Object.entries(sizes))('of a %s are edges of their own, flagged, and in no image', async (_, size) => {
    writeTiff(at('bar.tif'), broken(size), { type: 'uint8' });
    await network('bar.tif', { out: at('plain') });
    const written = await network('bar.tif', { propose: 16 });
    expect(written).toContain(at('out/bar-proposals.csv'));
    for (const name of ['bar-mask.tif', 'bar-centreline.tif', 'bar-branches.csv', 'bar-network.swc'])
      expect(readFileSync(at(`out/${name}`)).equals(readFileSync(at(`plain/${name}`))), name).toBe(true);
    const [header, values, ...more] = readCsv(text('out/bar-proposals.csv'));
    expect(more).toEqual([]);
    const row = Object.fromEntries(header.map((name, i) => [name, values[i]]));
    expect(header).toEqual([
      ...['time', 'proposal', 'from', 'to', 'length_px'],
      ...['intensity', 'background', 'evidence', 'alignment', 'score'],
    ]);
    expect(Number(row['length_px'])).toBe(8);
    expect(Number(row['intensity'])).toBe(40);
    expect(Number(row['background'])).toBe(10);
    expect(Number(row['evidence'])).toBeCloseTo(30 / 40, 6);
    expect(Number(row['score'])).toBeCloseTo(Math.cbrt(0.75 * (1 - 8 / 24)), 6);

    const { edges } = JSON.parse(text('out/bar-network.json')) as { edges: Record<string, unknown>[] };
    expect(edges.map(({ proposed, key }) => [key, proposed])).toEqual([
      [0, false],
      [1, false],
      [2, true],
    ]);
    expect(edges[2]['points']).toHaveLength(9);
    const graphMl = text('out/bar-network.graphml');
    expect(graphMl).toContain('<key id="edge_proposed" for="edge" attr.name="proposed" attr.type="boolean"/>');
    expect(graphMl.match(/<data key="edge_proposed">true<\/data><data key="edge_score">/g)).toHaveLength(1);
    expect(text('plain/bar-network.graphml')).not.toContain('proposed');
    expect(text('plain/bar-network.json')).not.toContain('proposed');
    expect(lines.at(-2)).toMatch(/: 1 link proposed \(scores 0\.79 to 0\.79\), none of them in image, mask or cent/);
  });

  it('are drawn as purple dashes over the gap, and nowhere else', async () => {
    writeTiff(at('bar.tif'), broken(sizes.plane), { type: 'uint8' });
    await network('bar.tif', { propose: 16 });
    const { data, width, channels } = await readImage(at('out/bar-network.png'));
    const times = width / 31;
    const columns = new Set<number>();
    for (let i = 0; i < data.length; i += channels)
      if (data[i] === 204 && data[i + 1] === 121 && data[i + 2] === 167) columns.add((i / channels) % width);
    const [left, right] = [Math.min(...columns), Math.max(...columns)];
    expect(left).toBeGreaterThan(11 * times);
    expect(right).toBeLessThan(20 * times);
    // Dashes: some columns between the first and the last have none.
    expect(columns.size).toBeLessThan(0.8 * (right - left));
  });

  it('that reach too far are refused', () => {
    expect(() => parseReach('65')).toThrow('--propose: got 65, wanted px from 1 to 64 that a link may bridge');
    expect(() => parseReach('far')).toThrow('leave the number out for 16');
    expect([reachOf(undefined), reachOf(true), reachOf(8)]).toEqual([null, 16, 8]);
  });
});
