import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nameSetupPython } from '../../src/machine/setup-state.js';

test('the Python of set-up takes data out of packages, unless another one is named', () => {
  const root = mkdtempSync(join(tmpdir(), 'lacuna-setup-'));
  const before: NodeJS.ProcessEnv = {};
  nameSetupPython(before, root);
  expect(before).toEqual({});
  mkdirSync(join(root, '.lacuna'));
  const state = {
    schema: 1,
    cache: join(root, 'cache'),
    engine: { kind: 'wasm', device: 'cpu' },
    python: '/opt/venv/bin/python',
    mlflow: null,
    testExtras: false,
    retina: null,
    missing: [],
  };
  writeFileSync(join(root, '.lacuna/setup.json'), JSON.stringify(state));
  nameSetupPython(before, root);
  expect(before).toEqual({ LACUNA_PYTHON: '/opt/venv/bin/python' });
  const named = { LACUNA_PYTHON: '/usr/bin/python3.12' };
  nameSetupPython(named, root);
  expect(named).toEqual({ LACUNA_PYTHON: '/usr/bin/python3.12' });
});
