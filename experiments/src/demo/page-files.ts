import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { FailureError } from '@lacuna/core';

/** A file of the page: where it goes in the folder, and its bytes. */
export interface PageFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What the build bundles (`experiments/pages/build.mjs`), seen from `src/demo` and `dist/demo` alike. */
const built = new URL('../../dist/pages/demo/', import.meta.url);

/** onnxruntime-web: for WebGPU, and for the CPU alone, half as large; each with its module and its WebAssembly. */
const runtime = [
  'ort.webgpu.min.mjs',
  'ort-wasm-simd-threaded.asyncify.mjs',
  'ort-wasm-simd-threaded.asyncify.wasm',
  'ort.wasm.min.mjs',
  'ort-wasm-simd-threaded.mjs',
  'ort-wasm-simd-threaded.wasm',
];

/** Sides of the icon that browsers ask for before a page can be installed. */
const ICONS = [192, 512];

/**
 * Everything of the page that is the same for all models.
 * @throws {FailureError} where it was not built.
 */
export function pageFiles(): PageFile[] {
  const folder = fileURLToPath(built);
  if (!existsSync(folder))
    throw new FailureError({
      who: 'lacuna demo',
      got: `no page in ${folder}`,
      wanted: 'what the build makes',
      remedy: 'run npm run build in the repository',
    });
  const page = readdirSync(folder)
    .sort()
    .map((path): PageFile => ({ path, bytes: readFileSync(new URL(path, built)) }));
  const icon = page.find(({ path }) => path === 'icon.svg')!;
  return [...page, ...ICONS.map((side) => rendered(icon, side)), ...runtimeFiles()];
}

function rendered({ bytes }: PageFile, side: number): PageFile {
  const picture = new Resvg(Buffer.from(bytes).toString('utf8'), { fitTo: { mode: 'width', value: side } });
  return { path: `icon-${side}.png`, bytes: picture.render().asPng() };
}

function runtimeFiles(): PageFile[] {
  const main = createRequire(import.meta.url).resolve('onnxruntime-web');
  return runtime.map((name) => ({ path: `ort/${name}`, bytes: readFileSync(main.replace(/[^\\/]+$/, name)) }));
}
