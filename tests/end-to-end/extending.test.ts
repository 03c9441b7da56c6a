import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyBlock, blocksOf, copyWorkspace } from './extending.js';
import { newFolder, tinySpec } from './lacuna.js';

const page = readFileSync(new URL('../../docs/extending.md', import.meta.url), 'utf8');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript-native/package.json')), 'bin/tsc');

describe('docs/extending.md, applied to a copy of the sources', () => {
  const folder = newFolder();
  const blocks = blocksOf(page);
  const run = (program: string, args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, LACUNA_ENGINE: 'wasm' },
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  const lacuna = (...args: string[]) => run(join(folder, 'experiments/bin/lacuna.mjs'), args);

  beforeAll(() => {
    copyWorkspace(folder);
    for (const block of blocks) applyBlock(folder, block);
    run(tsc, ['-b', 'experiments']);
  });
  // Thousands of files, which are gone at once while they have not reached the disk.
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('adds an architecture by one file and a line, a loss, a metric and a command likewise', () => {
    const files = (kind: string) => blocks.filter((block) => block.kind === kind).map(({ path }) => path);
    expect(files('ts')).toHaveLength(4);
    expect(files('diff')).toHaveLength(4);
    const added = (path: string) =>
      blocks.find((block) => block.path.endsWith(path))!.lines.filter((line) => /^\+ (?!import )/.test(line));
    expect(['architectures/catalogue.ts', 'losses/pixel.ts', 'src/cli.ts'].map((path) => added(path).length)).toEqual([
      1, 1, 1,
    ]);
  });

  it('lists the architecture with its cost', () => {
    const models = JSON.parse(lacuna('models', '--factor', '2', '--json')) as { name: string; parameters: number }[];
    // 5²·64 + 64, 3²·64·32 + 32, 3²·32·4 + 4
    expect(models.find(({ name }) => name === 'espcn')?.parameters).toBe(1664 + 18464 + 1156);
  });

  it('gives a page of specs, which is made of the schema, that knows the architecture, its option and the loss', () => {
    const specs = lacuna('schema', '--markdown');
    for (const added of ['espcn', 'features of the first layer', 'huber']) expect(specs).toContain(added);
  });

  it('prints the metric by the new command', () => {
    expect(lacuna('metrics')).toMatch(/^mae +lower +Mean of \|reference - estimate\|\. *$/m);
    expect(lacuna('--help')).toContain('list the metrics: unit, direction, meaning');
  });

  it('trains the architecture by the loss and scores it by the metric', () => {
    const methods = '{ espcn: { model: { name: espcn, filters: 8 }, regime: { kind: paired, loss: huber } } }';
    const spec = tinySpec(folder, { methods, steps: 8 });
    const sets = ['--set', 'evaluation.metrics=[psnr, cldice, mae]'];
    lacuna('sweep', '--spec', spec, '--out', join(folder, 'results'), '--no-tracking', ...sets);
    expect(readFileSync(join(folder, 'results/leaderboard.csv'), 'utf8')).toMatch(/,espcn,1,1,0,mae,common,0\.\d+,/);
  });
});
