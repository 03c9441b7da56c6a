import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createTiffStream } from '@lacuna/datasets';
import { describeImageFile, imageText } from '../../src/image-file/describe.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-show-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lacuna data show FILE prints all that a file says, and what was assumed', async () => {
  const path = join(folder, 'film.tif');
  const pixelSize = { x: 0.1, y: 0.1, unit: 'um' } as const;
  const film = createTiffStream(path, { width: 4, height: 3, depth: 2, frames: 5, type: 'uint16', pixelSize });
  for (let t = 0; t < 5; t++) await film.writeRegion({ t, z: 1 }, new Float32Array(12).fill(7 * t));
  await film.finish();
  const shown = await describeImageFile(path);
  expect(shown).toMatchObject({ frames: 5, depth: 2, axes: 'tzyx', values: [0, 28], dataRange: [0, 65535] });
  expect(imageText(shown).split('\n').slice(1)).toEqual([
    '  size        x 4, y 3, z 2, t 5, c 1 (axes tzyx)',
    '  channels    one',
    '  type        uint16',
    '  range       0 to 65535',
    '  values      0 to 28',
    '  pixel size  x 0.1 µm, y 0.1 µm, z 1 µm',
    '  written by  the file does not say it',
    '  note        spacing of planes taken as 1 micron: ImageJ leaves out what is 1',
  ]);
});
