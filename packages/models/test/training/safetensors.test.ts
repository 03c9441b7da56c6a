import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTensorFile, writeTensorFile } from '../../src/training/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = process.env['LACUNA_PYTHON'] ?? '';
const hasSafetensors = python !== '' && spawnSync(python, ['-c', 'import safetensors.numpy']).status === 0;

const tensors = {
  'generator/conv/kernel': {
    shape: [3, 3, 1, 2],
    values: Float32Array.from({ length: 18 }, (_, i) => Math.fround(Math.sin(i))),
  },
  'generator/conv/bias': { shape: [2], values: new Float32Array([-0, 1e-40]) },
  step: { shape: [], values: new Float32Array([7]) },
};
const metadata = { format: 'lacuna-checkpoint-1', state: '{"é":1}' };

describe('safetensors', () => {
  it('reads back what it wrote, beside a file whose header is padded', () => {
    const path = join(folder, 'own.safetensors');
    writeTensorFile(path, { tensors, metadata });
    expect(readTensorFile(path)).toEqual({ tensors, metadata });
  });

  const skipped = hasSafetensors ? '' : ' (skipped: LACUNA_PYTHON names no Python with safetensors)';
  it.skipIf(!hasSafetensors)(`Python's safetensors opens it: names, shapes, every bit, metadata${skipped}`, () => {
    const path = join(folder, 'python.safetensors');
    writeTensorFile(path, { tensors, metadata });
    const script = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="numpy") as file:
    arrays = {name: file.get_tensor(name) for name in file.keys()}
    seen = {name: {"type": str(a.dtype), "shape": a.shape, "bytes": a.tobytes().hex()} for name, a in arrays.items()}
    print(json.dumps({"metadata": file.metadata(), "arrays": seen}))`;
    const { stdout, stderr } = spawnSync(python, ['-c', script, path], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const seen = JSON.parse(stdout) as { metadata: Record<string, string>; arrays: unknown };
    expect(seen.metadata).toMatchObject(metadata);
    expect(seen.arrays).toEqual(
      Object.fromEntries(
        Object.entries(tensors).map(([name, { shape, values }]) => [
          name,
          { type: 'float32', shape, bytes: Buffer.from(values.buffer).toString('hex') },
        ]),
      ),
    );
  });

  it.skipIf(!hasSafetensors)("opens what Python's safetensors wrote", () => {
    const path = join(folder, 'from-python.safetensors');
    const { stderr } = spawnSync(
      python,
      [
        '-c',
        [
          'import sys, numpy',
          'from safetensors.numpy import save_file',
          'w = numpy.arange(6, dtype="float32").reshape(2, 3)',
          'save_file({"w": w}, sys.argv[1], {"made": "by Python"})',
        ].join('\n'),
        path,
      ],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(readTensorFile(path)).toEqual({
      tensors: { w: { shape: [2, 3], values: new Float32Array([0, 1, 2, 3, 4, 5]) } },
      metadata: { made: 'by Python' },
    });
  });
});
