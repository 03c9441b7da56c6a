// Takes chosen files out of a wheel, by the zipfile module of the Python whose pip fetched it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, run } from './shell.mjs';

const script = fileURLToPath(new URL('./unzip.py', import.meta.url));

/** The files of an archive. */
export async function listZip(python, path) {
  const names = [];
  await runScript(python, ['list', path], (line) => names.push(line));
  return names;
}

/** Extracts every file that `wanted(name)` accepts below `folder`, each compared with its CRC-32. */
export async function unzip(python, path, folder, wanted) {
  const names = (await listZip(python, path)).filter(wanted);
  const scratch = mkdtempSync(join(tmpdir(), 'lacuna-unzip-'));
  try {
    const list = join(scratch, 'names');
    writeFileSync(list, names.map((name) => `${name}\n`).join(''));
    await runScript(python, ['extract', path, folder, list]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function runScript(python, args, onLine) {
  const env = { ...process.env, PYTHONIOENCODING: 'utf-8' };
  const { status, output } = await run(python, [script, ...args], { env, onLine });
  if (status !== 0) throw new Error(lastLines(output, 1));
}
