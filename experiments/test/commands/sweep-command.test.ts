import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/commands/sweep.js';

const bin = fileURLToPath(new URL('../../bin/lacuna.mjs', import.meta.url));
const picture = fileURLToPath(new URL('../../../docs/images/enlarged.png', import.meta.url));
let folder: string;

/** Runs the command line as a user does, where the specs lie. */
function lacuna(...args: readonly string[]): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' });
  return { status, out: `${stdout}${stderr}` };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-commands-'));
  mkdirSync(join(folder, 'elsewhere/images'), { recursive: true });
  cpSync(picture, join(folder, 'elsewhere/images/a.png'));
  const head = (name: string, path: string) =>
    `name: ${name}\ndata: { source: folder, path: ${path} }\ndegradation: { kind: bicubic, factor: 2 }\n` +
    'model: { name: fsrcnn }\nmethods:\n  bicubic: { regime: { kind: interpolation } }\n' +
    '  paired: { regime: { kind: paired } }\n';
  writeFileSync(join(folder, 'elsewhere/my.yaml'), head('my', 'images'));
  writeFileSync(join(folder, 'gone.yaml'), head('gone', 'imagse'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('lacuna sweep', () => {
  it('takes its spec as an argument, and the paths in it from where it lies', () => {
    const { status, out } = lacuna('sweep', 'elsewhere/my.yaml', '--dry-run');
    expect(out).toMatch(/^2 trials, /);
    expect(status).toBe(0);
  });

  it('takes --spec as well, but not two specs', () => {
    expect(lacuna('sweep', '--spec', 'elsewhere/my.yaml', '--dry-run', '--only', 'paired').out).toMatch(/^1 trials?, /);
    const { status, out } = lacuna('sweep', 'gone.yaml', '--spec', 'elsewhere/my.yaml', '--dry-run');
    expect(out).toMatch(/^lacuna: lacuna: got two specs, gone\.yaml and --spec elsewhere\/my\.yaml, wanted one; /);
    expect(status).toBe(2);
  });

  it('refuses data that are not there before it lists anything', () => {
    const { status, out } = lacuna('sweep', 'gone.yaml', '--dry-run');
    expect(out).toMatch(/^lacuna: .*imagse: got no such folder, wanted a folder of /);
    expect(status).toBe(2);
  });

  it('refuses another value of --retry', () => {
    const { status, out } = lacuna('sweep', 'elsewhere/my.yaml', '--retry', 'foo');
    expect(out).toContain("argument 'foo' is invalid. Allowed choices are failed, diverged, all");
    expect(status).toBe(2);
  });
});

describe('what reads a sweep', () => {
  it.each(['leaderboard', 'figures', 'sync'])('%s says that there is none', (command) => {
    const { status, out } = lacuna(
      command,
      'elsewhere/my.yaml',
      '--out',
      'none',
      ...(command === 'figures' ? ['--from', 'disk'] : []),
    );
    expect(out).toMatch(/^lacuna: .*none: got no sweep, wanted the results of lacuna sweep/);
    expect(status).toBe(1);
  });

  it.each(['leaderboard', 'figures', 'sync'])('%s says that the spec has changed since', (command) => {
    mkdirSync(join(folder, 'old/trials/0123456789ab'), { recursive: true });
    writeFileSync(join(folder, 'old/spec.json'), '{}');
    const from = command === 'figures' ? ['--from', 'disk'] : [];
    const { status, out } = lacuna(command, 'elsewhere/my.yaml', '--out', 'old', ...from);
    expect(out).toMatch(/old: got none of the 2 trials of this spec, wanted results of my as the spec now is; /);
    expect(out).toContain('or run it: npx lacuna sweep elsewhere/my.yaml --out old');
    expect(status).toBe(1);
  });
});

describe('the exit status of a sweep', () => {
  const end = { finished: 2, failed: 0, mistakes: 0, interrupted: false };

  it.each([
    ['all is well', end, 0],
    ['everything diverged', { ...end, finished: 0 }, 1],
    ['the user made a mistake', { ...end, failed: 2, mistakes: 2 }, 2],
    ['a trial failed', { ...end, failed: 2, mistakes: 1 }, 1],
    ['it was stopped', { ...end, finished: 0, interrupted: true }, 130],
  ])('where %s', (_, given, status) => expect(exitCodeOf(given)).toBe(status));
});
