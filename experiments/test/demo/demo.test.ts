import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOnnxMetadata } from '@lacuna/onnx';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DemoModel } from '../../src/demo/demo-model.js';
import { serveFolder } from '../../src/demo/serve.js';
import { writeDemo } from '../../src/demo/write-demo.js';
import { writeModel } from '../upscale/fixtures.js';

const options = { by: null, method: null, trackingUri: null, range: null, force: false };
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lacuna-demo-'));

describe('lacuna demo', () => {
  it('writes a whole folder, the model as ONNX and what the page must know of it, and the same again', async () => {
    const folder = newFolder();
    const path = writeModel(join(folder, 'm.safetensors'), { factor: 4, more: { level: '0.5', ownLevel: '0.6' } });
    const site = join(folder, 'site');
    const { bytes } = await writeDemo(path, site, options);
    const read = (name: string) => readFileSync(join(site, name));
    const model = JSON.parse(read('model.json').toString()) as DemoModel;
    expect(model).toMatchObject({
      label: 'm.safetensors',
      factor: '4',
      volume: null,
      run: { factor: 4, channels: 1, layout: 'nchw', range: [0, 1] },
      network: { smoothing: 1, head: null, level: { level: 0.6 } },
    });
    expect(readOnnxMetadata(read('model.onnx'))!.factor).toBe(4);
    const worker = read('service-worker.js').toString();
    const kept = JSON.parse(/^const FILES = (.*);$/m.exec(worker)![1]) as string[];
    for (const name of kept) expect(existsSync(join(site, name)), name).toBe(true);
    const manifest = JSON.parse(read('manifest.webmanifest').toString()) as { icons: { src: string }[] };
    for (const { src } of manifest.icons) expect(read(src).subarray(1, 4).toString()).toBe('PNG');
    expect(readdirSync(join(site, 'ort')).filter((name) => name.endsWith('.wasm'))).toHaveLength(2);
    // A folder of an earlier demo is written again, and says nothing new where nothing is.
    expect((await writeDemo(path, site, options)).bytes).toBe(bytes);
    expect(read('service-worker.js').toString()).toBe(worker);
  });

  it('refuses a folder of other files', async () => {
    const folder = newFolder();
    const path = writeModel(join(folder, 'm.safetensors'));
    await expect(writeDemo(path, folder, options)).rejects.toThrow(
      /--out: got .*which holds other files, wanted a new/,
    );
    writeFileSync(join(folder, 'file'), '');
    await expect(writeDemo(path, join(folder, 'file'), options)).rejects.toThrow(/--out: got .*, a file/);
  });

  it('serves its folder alone, isolated, to this machine', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'index.html'), '<p>here</p>');
    writeFileSync(`${folder}-secret.txt`, 'elsewhere');
    const server = await serveFolder(folder, 0);
    onTestFinished(() => server.close());
    const page = await fetch(server.address);
    expect(await page.text()).toBe('<p>here</p>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    const secret = `${folder.slice(folder.lastIndexOf('/') + 1)}-secret.txt`;
    for (const path of [`/../${secret}`, `/%2e%2e/${secret}`, `/..%2f${secret}`, '/none.html', '/%', '/%00'])
      expect(await statusOf(server.address, path), path).toBe(404);
    expect((await fetch(server.address, { method: 'POST' })).status).toBe(405);
    const port = Number(new URL(server.address).port);
    await expect(serveFolder(folder, port)).rejects.toThrow(
      /--port: got \d+ \(EADDRINUSE\), wanted a port that is free/,
    );
  });
});

/** The answer to a path as it stands: `fetch` would tidy it up. */
function statusOf(address: string, path: string): Promise<number> {
  const { hostname, port } = new URL(address);
  return new Promise((done, failed) => {
    request({ hostname, port, path }, (response) => {
      response.resume();
      done(response.statusCode!);
    })
      .on('error', failed)
      .end();
  });
}
