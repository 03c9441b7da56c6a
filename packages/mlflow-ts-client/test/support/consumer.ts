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

/** A project that installs the packed tarball with npm; its one dependency comes packed from the workspace, so that nothing is downloaded. */
export async function makeConsumer(): Promise<Consumer> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-consumer-'));
  const pack = async (folder: string, args: readonly string[] = []): Promise<{ filename: string; files: { path: string }[] }> => {
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir, ...args], { cwd: folder });
    return (JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string; files: { path: string }[] }])[0];
  };
  // npm packs what is there: both builds have to be.
  if (!fs.existsSync(path.join(packageDir, 'dist/cjs/package.json'))) await run('npm', ['run', 'build'], { cwd: packageDir });
  const ours = await pack(packageDir);
  const zod = await pack(path.dirname(fileURLToPath(import.meta.resolve('zod/package.json'))), ['--ignore-scripts']);
  fs.writeFileSync(path.join(dir, 'package.json'), '{ "name": "consumer", "private": true }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', `./${zod.filename}`, `./${ours.filename}`], { cwd: dir });
  fs.cpSync(path.join(packageDir, 'examples'), path.join(dir, 'examples'), { recursive: true });
  return {
    dir, files: ours.files.map((file) => file.path),
    // Numbers are coloured where nx forces colours on its children.
    node: async (file, env) => (await run(process.execPath, [file], { cwd: dir, env: { ...process.env, FORCE_COLOR: '0', ...env } })).stdout.trim(),
    remove: () => fs.rmSync(dir, { recursive: true, force: true }),
  };
}
