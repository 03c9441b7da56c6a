import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createImage, type Image } from '@lacuna/core';
import { readTiff, writePng, writeTiff, writeZarr } from '@lacuna/datasets';
import { defaultOptions, serveFolder, upscale, writeDemo, type DemoServer } from '@lacuna/experiments';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModel } from '../../experiments/test/upscale/fixtures.js';
import { zipFolder } from '../../packages/datasets/test/zip-folder.js';
import { findPeers } from './peers.js';

const peers = findPeers();
const isAbsent = peers.chromium === '';
if (isAbsent) console.log(`The demo's page is not tested: ${peers.absent}`);

const folder = mkdtempSync(join(tmpdir(), 'lacuna-demo-'));
const at = (name: string): string => join(folder, name);
const demoOptions = { by: null, method: null, trackingUri: null, range: null, force: false };
const pixelSize = { x: 0.4, y: 0.4, unit: 'um' } as const;

/** Waves that cross, in 0 to 1: a network with junctions. */
function waves(width: number, height: number, depth = 1): Image {
  const data = Float32Array.from({ length: width * height * depth }, (_, i) => {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    return 0.5 + 0.25 * Math.sin(x / 5 + y / 17) + 0.25 * Math.sin(y / 6 - x / 23);
  });
  return createImage({ data, width, height, depth, dataRange: [0, 1], pixelSize, name: 'waves' });
}

/** A server that sends no header but the type of a file. */
async function plainServer(): Promise<{ server: Server; address: string }> {
  const types: Record<string, string> = { '.html': 'text/html', '.css': 'text/css', '.wasm': 'application/wasm' };
  const server = createServer((request, response) => {
    const path = request.url === '/' ? '/index.html' : request.url!;
    const type = types[extname(path)] ?? (/js$/.test(path) ? 'text/javascript' : 'application/json');
    response.writeHead(200, { 'content-type': type }).end(readFileSync(join(at('site'), path)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

describe.skipIf(isAbsent)('the page of lacuna demo', () => {
  let browser: Browser;
  let isolated: DemoServer;
  let page: Page;
  const problems: string[] = [];
  const asked: string[] = [];
  /** Addresses of the servers of this file. */
  const served: string[] = [];

  const opened = async (address: string): Promise<void> => {
    await page.goto(address);
    await page.waitForFunction(() => document.getElementById('runs-on')!.textContent !== '');
  };
  const text = (id: string): Promise<string> => page.locator(`#${id}`).innerText();
  const choose = async (file: string, by: 'file' | 'folder' = 'file'): Promise<void> => {
    await page.setInputFiles(`#${by}`, at(file));
    await isRead();
  };
  /** Lets files or folders fall onto the page, as a desktop does. */
  const drop = async (...names: string[]): Promise<void> => {
    const session = await page.context().newCDPSession(page);
    await page.locator('#drop').scrollIntoViewIfNeeded();
    const box = (await page.locator('#drop').boundingBox())!;
    const data = { items: [], files: names.map(at), dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: box.x + 20, y: box.y + 20, data });
    await session.detach();
    await isRead();
  };
  const isRead = async (): Promise<void> => {
    await page.waitForFunction(() => {
      // Hidden from the moment a file is chosen until it is read.
      const isRead = !document.getElementById('choices')!.hidden;
      const isReady = isRead && !(document.getElementById('enlarge') as HTMLButtonElement).disabled;
      return isReady || !document.getElementById('failure')!.hidden;
    });
  };
  /** Enlarges what is open; returns when its network is read, or something failed. */
  const enlarge = async (): Promise<void> => {
    await page.click('#enlarge');
    await page.waitForFunction(
      () => document.body.dataset.network === 'read' || !document.getElementById('failure')!.hidden,
    );
  };
  /** How far the page's image is from that of `lacuna upscale`, of a data range of 1. */
  const furthestFromUpscale = async (model: string, image: string): Promise<number> => {
    const out = `${image}-by-upscale.ome.tif`;
    await upscale(at(model), at(image), at(out), { ...defaultOptions, device: 'cpu' });
    const [sr, expected] = await Promise.all([readTiff(await saved('image')), readTiff(at(out))]);
    expect([sr.width, sr.height, sr.depth]).toEqual([expected.width, expected.height, expected.depth]);
    expect(sr.pixelSize).toEqual(expected.pixelSize);
    return sr.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i])), 0);
  };
  const saved = async (what: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-save=${what}]`)]);
    const path = at(`saved-${download.suggestedFilename()}`);
    await download.saveAs(path);
    return path;
  };

  beforeAll(async () => {
    const more = { level: '0.55', ownLevel: '0.62' };
    const normalisation = { low: 0, high: 1 };
    writeModel(at('model.safetensors'), { factor: 3, normalisation, dataRange: [0, 1], more });
    await writeDemo(at('model.safetensors'), at('site'), demoOptions);
    writeTiff(at('waves.tif'), waves(150, 110), { type: 'float32' });
    writeTiff(at('stack.ome.tif'), waves(40, 30, 3), { type: 'float32', metadata: 'ome' });
    writeFileSync(at('notes.txt'), 'no image');
    isolated = await serveFolder(at('site'), 0);
    served.push(isolated.address);
    browser = await chromium.launch({ executablePath: peers.chromium, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await opened(isolated.address);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await isolated?.close();
  });

  it('gives the numbers of onnxruntime-node in tiles, and the network and files of lacuna upscale', async () => {
    expect(await text('runs-on')).toMatch(/CPU, \d+ threads?\. This browser offers no WebGPU/);
    await choose('waves.tif');
    expect(await text('image')).toBe('waves.tif: 150 x 110, float32, 0.4 µm a pixel');
    await page.evaluate(() => ((document.getElementById('memory') as HTMLInputElement).value = '2'));
    await enlarge();
    expect(await text('failure').catch(() => '')).toBe('');
    const tiles = Number(/; (\d+) tiles;/.exec(await text('summary'))?.[1]);
    expect(tiles).toBeGreaterThan(1);
    const network = { folder: null, level: null };
    await upscale(at('model.safetensors'), at('waves.tif'), at('waves-sr.tif'), {
      ...defaultOptions,
      device: 'cpu',
      network,
    });
    const [sr, expected] = await Promise.all([readTiff(await saved('image')), readTiff(at('waves-sr.tif'))]);
    expect([sr.width, sr.height]).toEqual([450, 330]);
    const furthest = sr.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i])), 0);
    expect(furthest).toBeLessThan(1e-4);
    expect(sr.pixelSize).toEqual(expected.pixelSize);
    const [mask, expectedMask] = await Promise.all([readTiff(await saved('mask')), readTiff(at('waves-sr-mask.tif'))]);
    expect(mask.data).toEqual(expectedMask.data);
    expect(mask.data).toContain(255);
    const graphOf = (path: string) => readFileSync(path, 'utf8').replace(/<data key="graph_made_by">[^<]*/, '');
    const numbersOf = (graph: string) => graph.match(/>-?\d+(\.\d+)?</g)!.length;
    const graph = graphOf(await saved('graphml'));
    expect(graph).toContain('key="edge_mean_radius"');
    expect(numbersOf(graph)).toBe(numbersOf(graphOf(at('waves-sr-network.graphml'))));
    expect(await text('figures')).toMatch(/length of centreline\s+[\d.]+ µm/);
  }, 60_000);

  it('takes a stack plane by plane, and says so', async () => {
    await choose('stack.ome.tif');
    await enlarge();
    expect(await text('notes')).toContain('a stack for a model of planes: its 3 planes were enlarged one by one');
    expect(await text('plane-place')).toBe('2 of 3');
    const before = await page.locator('#view').evaluate((view) => (view as HTMLCanvasElement).toDataURL());
    expect(before.length).toBeGreaterThan(1000);
    const sr = await readTiff(await saved('image'));
    expect([sr.width, sr.height, sr.depth]).toEqual([120, 90, 3]);
  }, 60_000);

  it('reads an OME-Zarr, as a folder that is dropped or chosen and as a zip', async () => {
    const planes = waves(70, 50, 2);
    await writeZarr(at('new.ome.zarr'), planes, { type: 'float32', version: '0.5', chunk: 32 });
    await writeZarr(at('old.ome.zarr'), planes, { type: 'float32', version: '0.4', chunk: 32 });
    writeFileSync(at('zipped.zip'), zipFolder(at('old.ome.zarr')));
    await drop('new.ome.zarr');
    expect(await text('image')).toBe('new.ome.zarr: 70 x 50 x 2, float32, 0.4 µm a pixel');
    await enlarge();
    expect(await furthestFromUpscale('model.safetensors', 'new.ome.zarr')).toBeLessThan(1e-4);
    await choose('zipped.zip');
    expect(await text('image')).toBe('old.ome.zarr: 70 x 50 x 2, float32, 0.4 µm a pixel');
    await enlarge();
    expect(await furthestFromUpscale('model.safetensors', 'old.ome.zarr')).toBeLessThan(1e-4);
    await choose('new.ome.zarr', 'folder');
    expect(await text('image')).toMatch(/^new\.ome\.zarr: 70 x 50 x 2/);
  }, 60_000);

  it('enlarges by planes with their neighbours, in tiles, and reads the network of their head', async () => {
    const slicing = { axis: 'z', neighbours: 2, between: null } as const;
    const known = { normalisation: { low: 0, high: 1 }, dataRange: [0, 1], networkHead: true };
    writeModel(at('slices.safetensors'), { ...known, slicing, more: { headLevel: '0.5' } });
    await writeDemo(at('slices.safetensors'), at('slices'), demoOptions);
    writeTiff(at('deep.ome.tif'), waves(60, 50, 6), { type: 'float32', metadata: 'ome' });
    const server = await serveFolder(at('slices'), 0);
    try {
      served.push(server.address);
      await opened(server.address);
      expect(await text('model')).toBe(
        'slices.safetensors: enlarges the planes of volumes, each seen with 2 on either side, 2 times',
      );
      await choose('waves.tif');
      await page.click('#enlarge');
      await page.waitForFunction(() => !document.getElementById('failure')!.hidden);
      expect(await text('failure')).toMatch(/^waves\.tif: got 150 x 110.*, wanted a stack: slices\.safetensors takes/);
      await choose('deep.ome.tif');
      await page.evaluate(() => ((document.getElementById('memory') as HTMLInputElement).value = '1'));
      await enlarge();
      expect(Number(/; (\d+) tiles;/.exec(await text('summary'))?.[1])).toBeGreaterThan(1);
      expect(await furthestFromUpscale('slices.safetensors', 'deep.ome.tif')).toBeLessThan(1e-4);
      expect(await text('origin')).toContain('head');
    } finally {
      await server.close();
      await opened(isolated.address);
    }
  }, 60_000);

  it('asks for a channel of a PNG in colour, and keeps its 16 bits', async () => {
    const { data, ...size } = waves(40, 30);
    const colours = Float32Array.from({ length: 3 * data.length }, (_, i) =>
      i % 3 === 1 ? 60_000 * data[(i - 1) / 3] : 0,
    );
    await writePng(at('colour.png'), createImage({ ...size, data: colours, channels: 3, dataRange: [0, 65_535] }), {
      bits: 16,
    });
    await choose('colour.png');
    expect(await text('image')).toBe('colour.png: 40 x 30, 3 channels, uint16, pixel size not said');
    // The model was trained on images from 0 to 1.
    await enlarge();
    expect(await text('failure')).toMatch(/^colour\.png: got .*data range 0 to 65535, wanted data range 0 to 1/);
    // In the words of the page, with what they name in sight.
    expect(await text('failure')).toContain('choose "levels" percentile');
    expect(await page.locator('#levels').isVisible()).toBe(true);
    await page.evaluate(() => ((document.getElementById('levels') as HTMLSelectElement).value = 'range'));
    await page.selectOption('#channel', '1');
    await enlarge();
    expect(await text('origin')).toMatch(/Otsu's of the enlarged image/);
    const sr = await readTiff(await saved('image'));
    expect([sr.width, sr.height, sr.channels, sr.dataRange]).toEqual([120, 90, 1, [0, 65_535]]);
    expect(Math.max(...sr.data)).toBeGreaterThan(30_000);
    await page.evaluate(() => ((document.getElementById('levels') as HTMLSelectElement).value = 'auto'));
  }, 60_000);

  it('says what is wrong with a file or a choice in one line, and goes on', async () => {
    await choose('notes.txt');
    expect(await text('failure')).toMatch(/^notes\.txt: got a file that is no image .*, wanted a TIFF .*/);
    writeFileSync(at('cut.tif'), readFileSync(at('waves.tif')).subarray(0, 3000));
    await choose('cut.tif');
    expect(await text('failure')).toMatch(/^cut\.tif: got a damaged or truncated TIFF/);
    writeFileSync(at('cut.zip'), Uint8Array.of(0x50, 0x4b, 3, 4));
    await choose('cut.zip');
    expect(await text('failure')).toMatch(/^cut\.zip: got a damaged or truncated zip/);
    mkdirSync(at('mixed'));
    writeFileSync(at('mixed/a.tif'), '');
    writeFileSync(at('mixed/notes.txt'), '');
    await choose('mixed', 'folder');
    expect(await text('failure')).toMatch(
      /^mixed: got a folder of 2 files that holds no OME-Zarr, wanted one image: .*; take an image out of it/,
    );
    await drop('waves.tif', 'notes.txt');
    expect(await text('failure')).toMatch(
      /^waves\.tif, notes\.txt: got 2 files, wanted one image at a time; .*: lacuna upscale MODEL FOLDER/,
    );
    await choose('waves.tif');
    await page.evaluate(() => ((document.getElementById('levels') as HTMLSelectElement).value = 'numbers'));
    await page.click('#enlarge');
    expect(await text('failure')).toBe('levels: two numbers are wanted, white above black');
    await page.evaluate(() => ((document.getElementById('levels') as HTMLSelectElement).value = 'auto'));
    await enlarge();
    expect(await page.locator('#failure').isVisible()).toBe(false);
    expect(problems).toEqual([]);
    // Nothing is asked of anyone but the pages' own servers.
    const known = [...served, 'blob:'];
    expect(asked.filter((url) => !known.some((start) => url.startsWith(start)))).toEqual([]);
  }, 60_000);

  it('has one thread where no header isolates it; once it is kept, threads, and no need of a server', async () => {
    const { server, address } = await plainServer();
    await opened(address);
    expect(await text('runs-on')).toMatch(/CPU, 1 thread\..*One thread alone: browsers give threads to isolated pages/);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await opened(address);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await text('runs-on')).not.toContain('One thread alone');
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await opened(address);
    await choose('stack.ome.tif');
    await enlarge();
    expect(await page.locator('#failure').isVisible()).toBe(false);
    expect(await text('figures')).toMatch(/branches\s+\d+/);
  }, 60_000);
});
