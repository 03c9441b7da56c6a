import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { defaultOptions, type UpscaleOptions } from '../../src/upscale/options.js';
import { upscale } from '../../src/upscale/upscale.js';
import { newFolder } from './fixtures.js';

let folder: string;
let lines: string[];

/** A file of the test's own folder. */
export const at = (name: string): string => join(folder, name);

/** Upscales files of the test's folder on the CPU. */
export const run = (model: string, input: string, output: string, options: Partial<UpscaleOptions> = {}) =>
  upscale(at(model), at(input), at(output), { ...defaultOptions, device: 'cpu', ...options });

/** All that was printed. */
export const said = (): string => lines.join('\n');

/** Forgets what was printed. */
export const forget = (): void => {
  lines = [];
};

/** The largest difference of two images. */
export const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Each test gets a folder of its own, and what it prints is kept. */
export function useSession(): void {
  beforeEach(() => {
    folder = newFolder();
    lines = [];
    vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
      lines.push(parts.join(' '));
    });
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}
