import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { LacunaError } from '@lacuna/core';
import { register } from '../../src/commands/disagreement.js';
import { readCsv, writeCsv } from '../../src/iqa/csv.js';

let folder: string;
let printed: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-disagreement-'));
  const table = (name: string, rows: (string | number)[][]) =>
    writeFileSync(
      join(folder, name),
      ['image,metric,value,unit,reference,remark', ...rows.map((row) => row.join(','))].join('\n'),
    );
  const of = (psnr: number, porosity: number) =>
    ['x.tif', '"y, 2.tif"', 'z.tif'].flatMap((image) => [
      [image, 'psnr', psnr, 'dB', '', ''],
      [image, 'porosity', porosity, '', 0.2, ''],
      [image, 'vif', '', '', '', '"too small, by far"'],
    ]);
  table('bicubic.csv', of(22, 0.21));
  table('edsr.csv', of(29, 0.35));
  table('bad-number.csv', [['x.tif', 'psnr', 'high', 'dB', '', '']]);
  table('bad-metric.csv', [['x.tif', 'psrn', 1, 'dB', '', '']]);
  writeFileSync(join(folder, 'other.csv'), 'a,b\n1,2\n');
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

async function run(...args: string[]): Promise<string> {
  const program = new Command().exitOverride();
  register(program);
  await program.parseAsync(['disagreement', ...args.map((word) => word.replace('@', `${folder}/`))], { from: 'user' });
  return printed;
}

it('reads tables of lacuna iqa, prints the pairs and draws the figure', async () => {
  const text = await run('bicubic=@bicubic.csv', 'edsr=@edsr.csv', '--figures', join(folder, 'figures'));
  expect(text).toMatch(/PSNR – Porosity error +-1\.00 +-1\.00 to -1\.00 +3 +x\.tif \(-1\.00\) +edsr to bicubic/);
  expect(readdirSync(join(folder, 'figures')).sort()).toEqual([
    'disagreement.pdf',
    'disagreement.png',
    'disagreement.svg',
  ]);
});

it('prints JSON', async () => {
  const [found] = JSON.parse(await run('bicubic=@bicubic.csv', 'edsr=@edsr.csv', '--json')) as {
    pairs: unknown[];
    methods: string[];
  }[];
  expect(found).toMatchObject({ methods: ['bicubic', 'edsr'], pairs: [{ tau: -1, cases: 3 }] });
});

it.each<[string[], RegExp]>([
  [['@bicubic.csv'], /got .*bicubic\.csv, wanted METHOD=FILE\.csv/],
  [['a=@bicubic.csv'], /got 1 methods and 3 metrics, wanted at least two of each/],
  [['a=@bicubic.csv', 'a=@edsr.csv'], /got two tables of a/],
  [['a=@bicubic.csv', 'b=@nowhere.csv'], /nowhere\.csv: got no such file/],
  [['a=@other.csv', 'b=@edsr.csv'], /other\.csv: got the columns a, b, wanted image, metric, value and reference/],
  [['a=@bad-number.csv', 'b=@edsr.csv'], /bad-number\.csv:2: got "high", wanted a number/],
  [['a=@bad-metric.csv', 'b=@edsr.csv'], /bad-metric\.csv:2: got metric "psrn".*did you mean psnr\?/],
])('%j is one clear error', async (args, message) => {
  const error: unknown = await run(...args).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LacunaError);
  expect((error as LacunaError).message).toMatch(message);
  expect((error as LacunaError).exitCode).toBe(2);
});

it('writes CSV that reads back as it was, where no spreadsheet and no terminal takes a name for a command', () => {
  expect(
    writeCsv([
      ['image', 'value'],
      ['a "b", c', -1.5],
      ['=HYPERLINK(1).tif', null],
      ['-1+1.tif', 2e-7],
      ['a\u001b[31m.tif', undefined],
    ]),
  ).toBe(`image,value\n"a ""b"", c",-1.5\n'=HYPERLINK(1).tif,\n'-1+1.tif,2e-7\na\\x1b[31m.tif,\n`);
});

it('reads CSV with quotes, commas and line breaks in cells', () => {
  expect(readCsv('a,"b ""c"", d"\r\n\r\n"x\ny",\n')).toEqual([
    ['a', 'b "c", d'],
    ['x\ny', ''],
  ]);
});
