import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listModels, renderModels } from '../../src/models/list-models.js';
import { modelsTable } from '../../src/models/models-table.js';

describe('lacuna models', () => {
  it('lists every family with the size that its paper gives it', () => {
    const entries = listModels({ factor: 4, channels: 3 });
    const of = (name: string) => entries.find((entry) => entry.name === name)!;
    expect(entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['fsrcnn', 'srcnn', 'edsr', 'rcan', 'unet', 'resnet-generator', 'pix2pix-unet']),
    );
    expect([of('edsr').parameters, of('rcan').parameters]).toEqual([1_517_571, 15_592_355]);
    expect([of('edsr').source, of('rcan').receptiveField]).toEqual(['arXiv:1707.02921', null]);
    for (const { macs720p, activationBytes720p } of entries)
      expect(Math.min(macs720p, activationBytes720p)).toBeGreaterThan(1e6);
    const text = renderModels(entries, { factor: 4, channels: 3 });
    expect(text).toMatch(/^edsr +1,517,571 +\d+\.\d\d +\d+ x \d+ px +\d+ MiB +arXiv:1707\.02921$/m);
    expect(text).toMatch(/^rcan .*whole image/m);
  });
});

describe('docs/models.md', () => {
  it('holds the table of the catalogue (node tools/tables.mjs writes it)', () => {
    const page = readFileSync(new URL('../../../docs/models.md', import.meta.url), 'utf8');
    const between = /<!-- models:begin -->\n\n([^]*)\n\n<!-- models:end -->/.exec(page)?.[1];
    expect(between).toBe(modelsTable());
  });
});
