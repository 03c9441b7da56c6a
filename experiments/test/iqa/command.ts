// `lacuna iqa` as the tests call it, and the images that they measure: made before the tests of a file, removed after.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { createImage, type PixelSize } from '@lacuna/core';
import { writeTiff } from '@lacuna/datasets';
import { register } from '../../src/commands/iqa.js';

/** Vertical lines 3 px wide, 12 px apart, the rest dark; `extra` brightens every third pixel a little. */
export function lines(
  width: number,
  height: number,
  options: { depth?: number; extra?: number; pixelSize?: PixelSize; top?: number; shift?: number } = {},
) {
  const { depth = 1, extra = 0, pixelSize = null, top = 255, shift = 0 } = options;
  const data = Float32Array.from({ length: width * height * depth }, (_, i) =>
    ((i % width) + shift) % 12 < 3 ? 200 : 20 + (i % 3 === 0 ? extra : 0),
  );
  return createImage({ data, width, height, depth, dataRange: [0, top], pixelSize, name: 'lines' });
}

/** The same picture, its intensities rounded after a factor. */
function scaledBy(image: ReturnType<typeof lines>, factor: number) {
  const data = Float32Array.from(image.data, (value) => Math.round(value * factor));
  return createImage({ ...image, data });
}

let folder: string;
let printed: string;
/** A path below the tests' folder. */
export const path = (...parts: string[]) => join(folder, ...parts);

/** The images and the folder that they lie in, for the tests of a file: call it once at its top. */
export function useImages(): void {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lacuna-iqa-'));
    for (const name of ['hr', 'sr', 'odd', 'empty', 'twice', 'scaled', 'dark-hr', 'dark-sr']) mkdirSync(path(name));
    for (const kind of ['dark-hr', 'dark-sr']) {
      const dark = createImage({
        data: new Float32Array(48 * 36),
        width: 48,
        height: 36,
        depth: 1,
        dataRange: [0, 255],
      });
      writeTiff(path(kind, 'a.tif'), lines(48, 36), { type: 'uint8' });
      writeTiff(path(kind, 'b.tif'), dark, { type: 'uint8' });
    }
    writeTiff(path('mask-1.tif'), scaledBy(lines(48, 36), 1 / 200), { type: 'uint8' });
    for (const [i, name] of ['a', 'b'].entries()) {
      writeTiff(path('hr', `${name}.tif`), lines(48, 36, { pixelSize: { x: 0.1, y: 0.1, unit: 'um' } }), {
        type: 'uint8',
      });
      writeTiff(path('sr', `${name}.ome.tif`), lines(48, 36, { extra: 10 + i }), { type: 'uint8', metadata: 'ome' });
      writeTiff(path('scaled', `${name}.tif`), lines(48, 36, { pixelSize: { x: 0.1 + i, y: 0.1 + i, unit: 'um' } }), {
        type: 'uint8',
      });
      writeTiff(path('twice', `a.ti${'f'.repeat(i + 1)}`), lines(8, 8), { type: 'uint8' });
    }
    writeTiff(path('odd', 'a.tif'), lines(47, 36), { type: 'uint8' });
    writeTiff(path('stack-hr.tif'), lines(24, 20, { depth: 5, top: 65535 }), { type: 'uint16' });
    writeTiff(path('stack-sr.tif'), lines(24, 20, { depth: 5, extra: 9, top: 65535 }), { type: 'uint16' });
    writeTiff(path('flat-stack.tif'), lines(24, 20, { depth: 5, pixelSize: { x: 1, y: 1, unit: 'um' } }), {
      type: 'uint8',
      metadata: 'ome',
    });
    await sharp(
      new Uint8Array(30 * 30 * 3).map((_, i) => (i * 31) % 256),
      { raw: { width: 30, height: 30, channels: 3 } },
    )
      .png()
      .toFile(path('rgb.png'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed += String(chunk);
      return true;
    });
    vi.spyOn(console, 'log').mockImplementation((chunk: unknown) => {
      printed += `${String(chunk)}\n`;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}

/** Runs the command. @returns what it printed. */
export async function iqa(...args: string[]): Promise<string> {
  printed = '';
  const program = new Command().exitOverride();
  register(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(['iqa', ...args], { from: 'user' });
  return printed;
}

/** What the command has printed since it was called last. */
export const printedNow = (): string => printed;
