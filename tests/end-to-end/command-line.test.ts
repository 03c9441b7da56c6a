import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder, succeeds } from './lacuna.js';

/** Addresses of the scripts that a call loaded, by V8's own account. */
async function loadedScripts(args: readonly string[]): Promise<string[]> {
  const folder = newFolder();
  const coverage = join(folder, 'coverage');
  await succeeds(folder, args, { NODE_V8_COVERAGE: coverage });
  return readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
}

/** Modules of commands among them. */
const commandsAmong = (scripts: readonly string[]): string[] =>
  scripts
    .map((url) => /experiments\/dist\/commands\/([\w-]+)\.js$/.exec(url)?.[1])
    .filter((name) => name !== undefined && name !== 'options')
    .sort() as string[];

/** What reads or writes files of one kind alone, and takes long to load. */
const heavy = [
  'sharp',
  'pdfkit',
  'svg-to-pdfkit',
  'fontkit',
  'zarrita',
  'fast-xml-parser',
  '@resvg',
  'onnxruntime-node',
];

describe('the command line', () => {
  it('loads the command that is called, and no other', async () => {
    expect(commandsAmong(await loadedScripts(['models', '--help']))).toEqual(['models']);
    expect(commandsAmong(await loadedScripts(['--version']))).toEqual([]);
  });

  it('loads no library of file formats before a file of the kind is met', async () => {
    const scripts = await loadedScripts(['sweep', '--help']);
    expect(commandsAmong(scripts)).toEqual(['sweep']);
    const loaded = heavy.filter((name) => scripts.some((url) => url.includes(`/node_modules/${name}/`)));
    expect(loaded).toEqual([]);
  });

  it('finds each command under the name that its module gives it', async () => {
    const source = readFileSync(new URL('../../experiments/src/cli.ts', import.meta.url), 'utf8');
    const keys = [...source.matchAll(/^ {2}(\w+): \(\) => import/gm)].map(([, key]) => key);
    const { out } = await succeeds(newFolder(), ['--help']);
    const listed = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
    expect(keys.length).toBeGreaterThan(10);
    expect(listed).toEqual([...keys, 'help']);
  });
});
