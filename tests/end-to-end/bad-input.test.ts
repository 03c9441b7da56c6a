import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { encodeTiff } from '@lacuna/datasets';
import { describe, expect, it } from 'vitest';
import { lacuna, newFolder, program, tinySpec, trialIds } from './lacuna.js';

/** A TIFF of one plane. */
function tiff(width: number, height: number): Uint8Array {
  return encodeTiff(
    {
      data: Float32Array.from({ length: width * height }, (_, i) => (i * 7919) % 251),
      width,
      height,
      depth: 1,
      channels: 1,
      dataRange: [0, 255],
      pixelSize: null,
      name: 'test',
    },
    { type: 'uint8' },
  );
}

/** Runs a sweep on a folder with these files. */
async function sweep(files: Readonly<Record<string, Uint8Array | string>>, sets: readonly string[] = []) {
  const folder = newFolder();
  for (const name of ['images', 'hr', 'lr']) mkdirSync(join(folder, name));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const spec = tinySpec(folder);
  writeFileSync(spec, readFileSync(spec, 'utf8').replace(/^data: .*$/m, 'data: { source: folder, path: images }'));
  const ended = await lacuna(folder, [
    'sweep',
    '--spec',
    spec,
    '--out',
    join(folder, 'results'),
    '--no-tracking',
    ...sets.flatMap((set) => ['--set', set]),
  ]);
  return { ...ended, left: existsSync(join(folder, 'results')) };
}

describe("the user's mistakes: one message, exit status 2, nothing written", () => {
  it.each<[string, Readonly<Record<string, Uint8Array | string>>, readonly string[], RegExp]>([
    ['a folder without images', {}, [], /images: got an empty folder, wanted at least one TIFF, OME-Zarr, PNG or JPEG/],
    ['no such folder', {}, ['data.path=nowhere'], /nowhere: got no such folder/],
    ['a truncated TIFF', { 'images/a.tif': tiff(128, 64).slice(0, 3000) }, [], /a\.tif: got .*truncated/],
    ['a file that is not what its name says', { 'images/a.png': tiff(128, 64) }, [], /a\.png: got .*TIFF/],
    ['a text file', { 'images/a.tif': 'no image' }, [], /a\.tif: got /],
    [
      'two sizes in a pair',
      { 'hr/a.tif': tiff(128, 64), 'lr/a.tif': tiff(60, 32) },
      ['data={source: pairs, hr: hr, lr: lr}'],
      /pair .*: got HR of .* and LR of .*, wanted HR sizes that are one whole multiple/,
    ],
    ['an image too small for its split', { 'images/a.tif': tiff(8, 8) }, [], /got .*wanted /],
    [
      'a factor that does not fit',
      { 'images/a.tif': tiff(128, 64) },
      ['degradation.factor=17'],
      /^lacuna: --set degradation\.factor: degradation\.factor: got 17, wanted .*16/,
    ],
    [
      'an unknown key',
      {},
      ['training.stps=3'],
      /training\.stps: got an unknown key, wanted one of .*did you mean steps\?/,
    ],
    ['a wrong type', {}, ['training.steps=few'], /training\.steps: got "few", wanted a whole number/],
  ])('%s', async (_, files, sets, message) => {
    const { status, err, left } = await sweep(files, sets);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).not.toMatch(/^\s+at /m);
    expect([status, left]).toEqual([2, false]);
  });

  it('a command or an option that is not there', async () => {
    expect((await lacuna(newFolder(), ['swep'])).status).toBe(2);
    expect((await lacuna(newFolder(), ['sweep', '--wrkers', '2'])).status).toBe(2);
    expect(await lacuna(newFolder(), ['iqa', 'hr.tif', 'sr.tif'])).toEqual({
      status: 2,
      out: '',
      err: 'lacuna: hr.tif: got no such file or folder, wanted an image or a folder of images\n',
    });
    expect((await lacuna(newFolder(), ['sweep', '--workers', 'two'])).err).toBe(
      'lacuna: --workers: got two, wanted a whole number of at least 1\n',
    );
  });
});

it.runIf(process.platform === 'linux')(
  'a place below which nothing can be made is a failure too, told at once',
  async () => {
    const folder = newFolder();
    const { status, err } = await lacuna(folder, [
      'sweep',
      '--spec',
      tinySpec(folder),
      '--out',
      '/proc/lacuna',
      '--no-tracking',
    ]);
    expect(err).toBe('lacuna: /proc/lacuna: got ENOENT, wanted a folder for the results; choose another --out\n');
    expect(status).toBe(1);
  },
);

it('a folder that cannot be written is a failure: exit status 1', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'file'), '');
  const { status, err } = await lacuna(folder, [
    'sweep',
    '--spec',
    tinySpec(folder),
    '--out',
    join(folder, 'file/results'),
    '--no-tracking',
  ]);
  expect(status).toBe(1);
  expect(err).toMatch(
    /^lacuna: .*file\/results: got a path that leads through a file \(ENOTDIR\), wanted a folder for the results/,
  );
  expect(err.trimEnd().split('\n')).toHaveLength(1);
});

describe('a tracking address', () => {
  it('that is none: exit status 2, nothing written', async () => {
    const folder = newFolder();
    const out = join(folder, 'results');
    for (const [uri, message] of [
      [
        'localhost',
        /^lacuna: --tracking-uri: got "localhost", wanted http:\/\/host:port or https:\/\/host; leave it out/,
      ],
      ['sqlite:///mlflow.db', /^lacuna: --tracking-uri: got the scheme "sqlite:", wanted http: or https:/],
    ] as const) {
      const { status, err } = await lacuna(folder, [
        'sweep',
        '--spec',
        tinySpec(folder),
        '--out',
        out,
        '--tracking-uri',
        uri,
      ]);
      expect(err).toMatch(message);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
      expect([status, existsSync(out)]).toEqual([2, false]);
    }
  });

  it('of a program that is not MLflow: the sweep goes on, keeps its journals and says so', async () => {
    const foreign = createServer((_, answer) =>
      answer.setHeader('content-type', 'text/html').end('<html>Welcome</html>'),
    );
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
    const uri = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
    const folder = newFolder();
    const out = join(folder, 'results');
    const spec = tinySpec(folder, { methods: '{ bicubic: { regime: { kind: interpolation } } }' });
    const {
      status,
      out: said,
      err,
    } = await lacuna(folder, ['sweep', '--spec', spec, '--out', out, '--tracking-uri', uri]);
    foreign.close();
    foreign.closeAllConnections();
    expect([status, err]).toEqual([0, '']);
    expect(said).toContain(
      `MLflow     got HTTP 200 with "<html>Welcome</html>", wanted an answer of MLflow 3; check that ${uri} ` +
        `is an MLflow server of version 3; the journals are kept in ${join(out, 'trials')}: npx lacuna sync ` +
        `tiny.yaml --out ${out} delivers them`,
    );
    expect(trialIds(out).map((id) => existsSync(join(out, 'trials', id, 'result.json')))).toEqual([true]);
  });
});

describe('a disk that takes no more', () => {
  it('ends the sweep with what was refused, status 1, and no half-written file', async () => {
    const folder = newFolder();
    const out = join(folder, 'results');
    const spec = tinySpec(folder);
    // A file-size limit of 24 kB refuses the program of a training step, images and checkpoints, as a full disk would.
    const { status, stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        'ulimit -f 24; exec "$@"',
        'bash',
        process.execPath,
        program,
        'sweep',
        '--spec',
        spec,
        '--out',
        out,
        '--no-tracking',
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/bicubic +failed .*got EFBIG writing to .*; wanted a disk that takes what is logged/);
    expect(stdout).toMatch(
      /paired +failed .*got a file larger than this process may write \(EFBIG\), wanted .*ulimit -f/,
    );
    expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at /);
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.part') || file.endsWith('result.json'))).toEqual([]);
  });

  const mount = 'mount -t tmpfs -o size="$1" none "$2"';
  // A file system of our own: root may mount one, others where the kernel lets users have name spaces.
  const mayMount = spawnSync('unshare', ['-rm', 'sh', '-c', mount, 'sh', '64k', '/mnt']).status === 0;
  if (!mayMount) console.log('a full file system is not tested: unshare -rm may not mount one here');

  it.runIf(mayMount)(
    'that is full in the middle of a sweep: what was refused, status 1, no half-written file; with room ' +
      'again it goes on to the end',
    () => {
      const folder = newFolder();
      const out = join(folder, 'results');
      const spec = tinySpec(folder);
      mkdirSync(out);
      const script =
        `${mount}; out="$2"; shift 2; "$@"; echo "first ended: $?"; find "$out"; echo "mount again"; mount -o ` +
        'remount,size=8m "$out"; "$@"; echo "second ended: $?"; find "$out"';
      const { stdout, stderr } = spawnSync(
        'unshare',
        [
          '-rm',
          'sh',
          '-c',
          script,
          'sh',
          '160k',
          out,
          process.execPath,
          program,
          'sweep',
          '--spec',
          spec,
          '--out',
          out,
          '--no-tracking',
        ],
        { cwd: folder, encoding: 'utf8' },
      );
      const [first, second] = stdout.split('mount again\n');
      expect(`${first}${stderr}`).toMatch(/got (disk full: \d+ bytes free, wanted |ENOSPC writing to .*; wanted )/);
      expect(first).toContain('first ended: 1\n');
      expect(second).toContain('second ended: 0\n');
      expect(second).toContain('/report.html');
      expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at /);
      expect(stdout.split('\n').filter((file) => file.endsWith('.part'))).toEqual([]);
    },
  );
});
