import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

export const packageDir = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

export interface Consumer {
  readonly dir: string;
  /** What the tarball holds. */
  readonly files: readonly string[];
  /** Runs a file of the project, or of `examples/`, and gives what it prints. */
  node(file: string, env: Readonly<Record<string, string>>): Promise<string>;
  remove(): void;
}

/** When the last change to a file below a folder of the package was; 0 where there is none. */
function newest(folder: string): number {
  const root = path.join(packageDir, folder);
  if (!fs.existsSync(root)) return 0;
  const files = fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|js|json)$/.test(entry.name));
  return Math.max(0, ...files.map((file) => fs.statSync(path.join(file.parentPath, file.name)).mtimeMs));
}

/** A project that installs the packed tarball with npm; its one dependency comes packed from the workspace, so that nothing is downloaded. */
export async function makeConsumer(): Promise<Consumer> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-consumer-'));
  const pack = async (
    folder: string,
    args: readonly string[] = [],
  ): Promise<{ filename: string; files: { path: string }[] }> => {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir, ...args], { cwd: folder });
    return (JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string; files: { path: string }[] }])[0];
  };
  // npm packs what is there, and runs no `prepack` where ignore-scripts is set: both builds have to be there, and of today.
  if (newest('src') > newest('dist/cjs') || newest('src') > newest('dist'))
    await run('npm', ['run', 'build'], { cwd: packageDir });
  const ours = await pack(packageDir);
  const zod = await pack(path.dirname(fileURLToPath(import.meta.resolve('zod/package.json'))), ['--ignore-scripts']);
  fs.writeFileSync(path.join(dir, 'package.json'), '{ "name": "consumer", "private": true }');
  await run(
    'npm',
    ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', `./${zod.filename}`, `./${ours.filename}`],
    { cwd: dir },
  );
  fs.cpSync(path.join(packageDir, 'examples'), path.join(dir, 'examples'), { recursive: true });
  return {
    dir,
    files: ours.files.map((file) => file.path),
    // Numbers are coloured where nx forces colours on its children.
    node: async (file, env) =>
      (
        await run(process.execPath, [file], { cwd: dir, env: { ...process.env, FORCE_COLOR: '0', ...env } })
      ).stdout.trim(),
    remove: () => fs.rmSync(dir, { recursive: true, force: true }),
  };
}
