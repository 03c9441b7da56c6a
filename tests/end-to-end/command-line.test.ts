import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder, succeeds } from './lacuna.js';

/** Modules of commands that a call loaded, by V8's own account of the scripts that ran. */
async function loadedCommands(args: readonly string[]): Promise<string[]> {
  const folder = newFolder();
  const coverage = join(folder, 'coverage');
  await succeeds(folder, args, { NODE_V8_COVERAGE: coverage });
  const scripts = readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
  return scripts
    .map((url) => /experiments\/dist\/commands\/([\w-]+)\.js$/.exec(url)?.[1])
    .filter((name) => name !== undefined && name !== 'options')
    .sort() as string[];
}

describe('the command line', () => {
  it('loads the command that is called, and no other', async () => {
    expect(await loadedCommands(['models', '--help'])).toEqual(['models']);
    expect(await loadedCommands(['--version'])).toEqual([]);
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
