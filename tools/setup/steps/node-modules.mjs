// npm's packages, as package-lock.json pins them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { folderBytes, readJson } from '../files.mjs';
import { megabytes } from '../report.mjs';
import { run } from '../shell.mjs';

/** Whether node_modules holds what package-lock.json names: npm keeps its own record of what it installed. */
export function installed(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const found = readJson(join(root, 'node_modules/.package-lock.json'))?.packages;
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.optional || entry.peer || entry.devOptional) return true;
    const there = found[path];
    return (
      there !== undefined &&
      there.version === entry.version &&
      there.integrity === entry.integrity &&
      (entry.link || existsSync(join(root, path)))
    );
  });
}

export async function installNodeModules(root, report) {
  if (installed(root)) return;
  await report.step('npm packages', async () => {
    const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
    // Third-party install scripts stay off.
    const { status, output } = await run(
      npm[0],
      [...npm.slice(1), 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: root },
    );
    if (status !== 0)
      throw new Error(
        `npm ci: got exit status ${status} (${npmReason(output)}), wanted the packages of package-lock.json; ` +
          'check the network and run again',
      );
    return `installed, ${megabytes(folderBytes(join(root, 'node_modules')))} on disk`;
  });
}

/** npm's own reason: its first lines of error, without the advice that follows. */
function npmReason(output) {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('npm error'))
    .map((line) => line.slice('npm error'.length).trim())
    .filter(Boolean);
  return (
    lines
      .filter((line) => !/^(code|errno|syscall) /.test(line))
      .slice(0, 3)
      .join(' | ') || output.trim().split('\n').at(-1)
  );
}
