import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTensorFile, writeTensorFile } from '@lacuna/models';
import { describe, expect, it } from 'vitest';
import { importWeights, type ImportOptions } from '../../src/import/import-weights.js';
import { findPython } from '../export/python.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-import-'));
const at = (name: string) => join(folder, name);
const options: ImportOptions = {
  model: 'srcnn',
  factor: 2,
  channels: 1,
  range: [0, 1],
  grey: false,
  out: at('model.safetensors'),
  force: false,
};

describe('lacuna import', () => {
  it('makes a model file of weights by the names of the layers', () => {
    const shapes = { patch: [64, 1, 9, 9], map: [32, 64, 5, 5], reconstruct: [1, 32, 5, 5] };
    const tensor = (shape: readonly number[]) => {
      const length = shape.reduce((product, each) => product * each, 1);
      return { shape, values: Float32Array.from({ length }, (_, i) => i % 7) };
    };
    const tensors = Object.fromEntries(
      Object.entries(shapes).flatMap(([name, shape]) => [
        [`${name}.weight`, tensor(shape)],
        [`${name}.bias`, tensor([shape[0]])],
      ]),
    );
    writeTensorFile(at('srcnn.safetensors'), { tensors, metadata: {} });
    importWeights(at('srcnn.safetensors'), options);
    const { tensors: made, metadata } = readTensorFile(options.out);
    expect(made['generator.map.weight'].shape).toEqual([5, 5, 64, 32]);
    expect(metadata).toMatchObject({ factor: '2', channels: '1', data: 'weights of srcnn.safetensors' });
  });

  it('refuses what is no weights of the model, by one message', () => {
    writeFileSync(at('weights.pth'), 'PK');
    writeTensorFile(at('other.safetensors'), {
      tensors: { 'conv.weight': { shape: [1], values: Float32Array.of(1) } },
      metadata: {},
    });
    const told = (path: string, more: Partial<ImportOptions> = {}) => {
      return () => importWeights(at(path), { ...options, out: at('never.safetensors'), ...more });
    };
    expect(told('weights.pth')).toThrow(
      /weights\.pth: got another kind of file, wanted a safetensors file; of PyTorch/,
    );
    expect(told('other.safetensors')).toThrow(/other\.safetensors: got no tensor generator\.\S+, wanted one of/);
    expect(told('other.safetensors', { range: [-1, 1] })).toThrow(/^--range: got -1,1, wanted a range that begins at/);
    expect(told('other.safetensors', { model: 'srcn' })).toThrow(/^--model srcn: got /);
    expect(told('other.safetensors', { out: at('weights.pth') })).toThrow(/^--out: got .*which exists/);
  });
});

/** Writes a file as `torch.save` does, of a state dict with one tensor, or of something else. */
const SAVED = `
import collections, pickle, struct, sys, types, zipfile
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils
class FloatStorage: pass
FloatStorage.__module__ = "torch"; torch.FloatStorage = FloatStorage
def _rebuild_tensor_v2(*parts): pass
_rebuild_tensor_v2.__module__ = "torch._utils"; utils._rebuild_tensor_v2 = _rebuild_tensor_v2
class Stored:
    pass
class Tensor:
    def __reduce__(self):
        return _rebuild_tensor_v2, (Stored(), 1, (2, 3), (3, 1), False, collections.OrderedDict())
class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return ("storage", FloatStorage, "0", "cpu", 7) if isinstance(value, Stored) else None
import io, os
def save(path, value):
    bytes = io.BytesIO()
    Pickler(bytes, 2).dump(value)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", bytes.getvalue())
        file.writestr("archive/data/0", struct.pack("<7f", *range(7)))
save(sys.argv[1], collections.OrderedDict([("conv.weight", Tensor())]))
class Evil:
    def __reduce__(self):
        return os.system, ("echo ran",)
save(sys.argv[2], {"conv.weight": Evil()})
`;

const python = findPython('zipfile');

describe.skipIf(python === undefined)('tools/convert/torch_to_safetensors.py', () => {
  const script = fileURLToPath(new URL('../../../tools/convert/torch_to_safetensors.py', import.meta.url));

  it('reads tensors without PyTorch, and runs nothing that a file asks for', () => {
    execFileSync(python!, ['-c', SAVED, at('saved.pth'), at('evil.pth')]);
    execFileSync(python!, [script, at('saved.pth'), at('saved.safetensors')]);
    const { tensors } = readTensorFile(at('saved.safetensors'));
    expect(tensors['conv.weight']).toEqual({ shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect(() => execFileSync(python!, [script, at('evil.pth'), at('evil.safetensors')], { stdio: 'pipe' })).toThrow(
      /(posix|os|nt)\.system in the file: only tensors are read/,
    );
  });
});
