import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diagnose, renderDiagnosis } from '../../src/machine/doctor.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('before set-up it names set-up as the remedy', async () => {
  const diagnosis = await diagnose(root, {});
  expect(diagnosis.findings).toContainEqual({
    piece: 'set-up',
    consequence: 'it has not run in this clone',
    remedy: 'npm run setup',
  });
  expect(diagnosis.tracking).toMatchObject({ kind: 'journal', reachable: false });
});

test('what set-up missed, a folder that is not there and a silent server are all named with remedies', async () => {
  mkdirSync(join(root, '.lacuna'));
  writeFileSync(
    join(root, '.lacuna/setup.json'),
    JSON.stringify({
      schema: 1,
      cache: join(root, 'cache'),
      engine: { kind: 'wasm', device: 'cpu' },
      python: null,
      mlflow: null,
      testExtras: false,
      retina: null,
      missing: [{ piece: 'a C++ compiler', consequence: 'the WASM engine trains', remedy: 'apt-get install g++' }],
    }),
  );
  const diagnosis = await diagnose(root, {
    LACUNA_DATA: join(root, 'nowhere'),
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:1/',
  });
  const text = renderDiagnosis(diagnosis);
  expect(text).toContain('missing: a C++ compiler: the WASM engine trains\n    apt-get install g++');
  expect(text).toMatch(/missing: LACUNA_DATA .*nowhere/);
  expect(text).toMatch(/missing: the tracking server http:\/\/127\.0\.0\.1:1\//);
  expect(text).toMatch(/^tracking +remote server .*does not answer$/m);
});
