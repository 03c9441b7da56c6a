// pip, with pinned hashes and with progress that does not depend on a terminal.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderBytes } from './files.mjs';
import { wheelTarget } from './pins.mjs';
import { lastLines, run } from './shell.mjs';

const units = { bytes: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** Bytes that a line of pip's output says it is downloading: "Downloading mlflow-3.whl (10.2 MB)". */
export function downloadedBytes(line) {
  const match = /Downloading \S+ \(([\d.]+) (bytes|kB|MB|GB)\)/.exec(line);
  return match ? Math.round(Number(match[1]) * units[match[2]]) : 0;
}

/**
 * Downloads one pinned wheel into `folder`.
 * @returns {Promise<string>} its path; pip has checked the hash.
 * @throws when pip fails: no network, no such wheel, another hash.
 */
export async function downloadWheel(pip, wheel, folder, report) {
  const work = mkdtempSync(join(folder, 'download-'));
  const pins = join(work, 'pins.txt');
  const scratch = join(work, 'tmp');
  const out = join(work, 'out');
  mkdirSync(scratch);
  writeFileSync(pins, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const platforms = wheelTarget.platforms.flatMap((platform) => ['--platform', platform]);
  const stop = report.progress(`downloading ${wheel.name} ${wheel.version}`, () => folderBytes(scratch), wheel.bytes);
  const { status, output } = await run(
    pip[0],
    [
      ...pip.slice(1),
      'download',
      '--no-deps',
      '--no-cache-dir',
      '--progress-bar',
      'off',
      '--disable-pip-version-check',
      '--only-binary=:all:',
      '--python-version',
      wheelTarget.python,
      '--implementation',
      'cp',
      '--abi',
      'cp311',
      '--abi',
      'abi3',
      '--abi',
      'none',
      ...platforms,
      '--require-hashes',
      '-r',
      pins,
      '--dest',
      out,
    ],
    {
      env: { ...process.env, TMPDIR: scratch },
      onLine: (line) => {
        report.downloaded += downloadedBytes(line);
      },
    },
  );
  stop();
  if (status !== 0) {
    rmSync(work, { recursive: true, force: true });
    throw new Error(`pip download ${wheel.name}==${wheel.version} failed: ${lastLines(output)}`);
  }
  return join(out, readdirSync(out)[0]);
}

/** Installs a file of pinned requirements. `pip` is the command and its first arguments. */
export async function installRequirements(pip, file, report, name) {
  let bytes = 0;
  const stop = report.progress(name, () => bytes);
  const { status, output } = await run(
    pip[0],
    [
      ...pip.slice(1),
      'install',
      '--require-hashes',
      '--only-binary=:all:',
      '--no-deps',
      '--no-compile',
      '--progress-bar',
      'off',
      '--disable-pip-version-check',
      '-r',
      file,
    ],
    {
      onLine: (line) => {
        bytes += downloadedBytes(line);
      },
    },
  );
  stop();
  report.downloaded += bytes;
  if (status !== 0) throw new Error(`pip install -r ${file} failed: ${lastLines(output)}`);
  return bytes;
}
