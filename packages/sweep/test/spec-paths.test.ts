import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadSweep } from '../src/index.js';
import { specFolder } from './spec.js';

const trial = z.strictObject({
  data: z.discriminatedUnion('source', [
    z.strictObject({ source: z.literal('folder'), path: z.string().describe('images').meta({ format: 'path' }) }),
    z.strictObject({ source: z.literal('named'), path: z.string() }),
  ]),
  regime: z.strictObject({ path: z.string().meta({ format: 'path' }).optional() }).prefault({}),
});
const options = { trial, common: z.strictObject({}), fingerprint: () => 1 };

describe('paths of a spec', () => {
  const at = specFolder({
    'own.yaml': 'extends: below/base.yaml\nname: own\nregime: { path: net.onnx }\n',
    'named.yaml': 'name: named\ndata: { source: named, path: images }\n',
    'absolute.yaml': 'name: absolute\ndata: { source: folder, path: /images/*.tif }\n',
  });
  mkdirSync(at('below'));
  writeFileSync(join(at('below'), 'base.yaml'), 'name: base\ndata: { source: folder, path: images/**/*.tif }\n');
  const config = (name: string, sets: readonly string[] = []) =>
    loadSweep(at(name), { ...options, sets }).trials[0].config;

  it('are relative to the file in which they stand', () => {
    expect(config('own.yaml')).toEqual({
      data: { source: 'folder', path: relative(process.cwd(), at('below/images/**/*.tif')) },
      regime: { path: relative(process.cwd(), at('net.onnx')) },
    });
  });

  it('are relative to the working directory on the command line', () => {
    expect(config('own.yaml', ['data.path=mine', 'regime={path: ./my.onnx}'])).toEqual({
      data: { source: 'folder', path: 'mine' },
      regime: { path: './my.onnx' },
    });
  });

  it('stay as they are where they are absolute, or no paths', () => {
    expect(config('absolute.yaml').data.path).toBe('/images/*.tif');
    expect(config('named.yaml').data.path).toBe('images');
  });

  it('keep their text where the spec lies in the working directory', () => {
    const before = process.cwd();
    process.chdir(at('.'));
    try {
      const here = loadSweep('own.yaml', options).trials[0].config;
      expect(here).toEqual({ data: { source: 'folder', path: 'below/images/**/*.tif' }, regime: { path: 'net.onnx' } });
    } finally {
      process.chdir(before);
    }
  });
});
