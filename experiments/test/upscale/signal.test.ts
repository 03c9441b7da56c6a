import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const writer = (kind: string, path: string): string => `
  import { createTiffStream, createZarrStream } from '@lacuna/datasets';
  const stream = ${kind}(${JSON.stringify(path)}, { width: 64, height: 64, type: 'uint8', depth: 2 });
  await stream.writeRegion({ z: 0 }, new Float32Array(64 * 64));
  console.log('writing');
  setInterval(() => {}, 1000);
`;

it.each([
  ['createTiffStream', 'out.tif', 'SIGTERM'],
  ['createZarrStream', 'out.ome.zarr', 'SIGINT'],
] as const)('%s leaves nothing behind where a signal ends the process', async (kind, name, signal) => {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-signal-'));
  const script = writer(kind, join(folder, name));
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.stderr.once('data', (text) => reject(new Error(String(text))));
  });
  expect(readdirSync(folder)).toHaveLength(1);
  child.kill(signal);
  const ended = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
  expect([ended, readdirSync(folder)]).toEqual([signal, []]);
});
