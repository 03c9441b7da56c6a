// Compiles the TypeScript packages, and bundles what runs in browsers and the command line, when a source has changed.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, writeAtomic } from '../files.mjs';
import { lastLines, run } from '../shell.mjs';

const skipped = new Set(['node_modules', 'dist', 'test', '.lacuna', '.git', 'docs', 'coverage']);

/** Names, sizes and times of everything that the build reads, and whether its output is there. */
export function sourceListing(root) {
  const lines = [];
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(path);
      } else if (/\.(ts|json|mjs|js|html|css|svg)$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(join(root, path));
        lines.push(`${path} ${size} ${mtimeMs}`);
      }
    }
  };
  const folders = [...readdirSync(join(root, 'packages')).map((name) => join('packages', name)), 'experiments'];
  for (const folder of folders) {
    walk(folder);
    lines.push(`${folder} ${existsSync(join(root, folder, 'dist'))}`);
  }
  for (const file of ['tsconfig.base.json', 'tsconfig.json', 'package-lock.json'])
    lines.push(`${file} ${statSync(join(root, file)).mtimeMs}`);
  return hashOf(...lines.sort());
}

export async function build(root, report) {
  const stamp = join(root, '.lacuna/built');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceListing(root)) return;
  await report.step('packages', async () => {
    await runNode(root, 'tsc -b', [join(root, 'node_modules/typescript-native/bin/tsc'), '-b']);
    for (const script of ['experiments/pages/build.mjs', 'experiments/program/build.mjs'])
      await runNode(root, script, [join(root, script)]);
    writeAtomic(stamp, sourceListing(root));
    return 'built';
  });
}

async function runNode(root, what, args) {
  const { status, output } = await run(process.execPath, args, { cwd: root });
  if (status === 0) return;
  const lines = lastLines(output, 30).split(' | ').join('\n');
  throw new Error(`${what}: got exit status ${status}, wanted a clean build\n${lines}`);
}
