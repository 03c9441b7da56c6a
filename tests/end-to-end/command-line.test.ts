import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundledEntry } from '../../experiments/bin/program-folder.mjs';
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
    .map((url) => /\.lacuna\/program\/\w+\/command-([\w-]+)\.js$/.exec(url)?.[1])
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
  it('is bundled with the process that a sweep starts for a trial', () => {
    const wanted = 'npm run compile bundles them';
    expect(bundledEntry('cli'), wanted).not.toBeNull();
    expect(bundledEntry('trial-process'), wanted).not.toBeNull();
    const sweep = readFileSync(bundledEntry('command-sweep')!, 'utf8');
    expect(sweep).toContain('new URL("./trial-process.js", import.meta.url)');
  });

  it('is taken from the bundle of what is compiled, and of nothing else', async () => {
    const root = newFolder();
    const notes = (folder: string, text: string): void => {
      mkdirSync(join(root, folder, 'dist'), { recursive: true });
      writeFileSync(join(root, folder, 'dist/.tsbuildinfo'), text);
    };
    const here = fileURLToPath(new URL('../../experiments/bin/program-folder.mjs', import.meta.url));
    const copy = join(root, 'experiments/bin/program-folder.mjs');
    cpSync(here, copy);
    mkdirSync(join(root, 'packages/core'), { recursive: true });
    const { programFolder, bundledEntry: entry } = (await import(pathToFileURL(copy).href)) as {
      programFolder: () => URL | null;
      bundledEntry: (name: string) => string | null;
    };
    notes('experiments', 'one state');
    expect([programFolder(), entry('cli')]).toEqual([null, null]);
    notes('packages/core', 'one state');
    const folder = fileURLToPath(programFolder()!);
    expect(entry('cli')).toBeNull();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cli.js'), '');
    expect(entry('cli')).toBe(join(folder, 'cli.js'));
    notes('packages/core', 'another state');
    expect(entry('cli')).toBeNull();
    notes('packages/core', 'one state');
    expect(entry('cli')).toBe(join(folder, 'cli.js'));
  });

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
