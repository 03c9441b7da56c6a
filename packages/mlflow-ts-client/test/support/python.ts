import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** The Python that has mlflow: LACUNA_PYTHON, else the repository's environment, else the user's cache. */
function findPython(): string | undefined {
  const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'lacuna');
  const cached = fs.existsSync(cache)
    ? fs
        .readdirSync(cache)
        .filter((name) => name.startsWith('venv-'))
        .map((name) => path.join(cache, name, 'bin/python'))
    : [];
  const candidates = [process.env['LACUNA_PYTHON'], path.join(repository, '.lacuna/venv/bin/python'), ...cached];
  return candidates.find(
    (candidate): candidate is string =>
      candidate !== undefined && candidate !== '' && fs.existsSync(candidate) && hasModule(candidate, 'mlflow'),
  );
}

/** Whether a module can be found, without the seconds that importing mlflow takes. */
export function hasModule(python: string, name: string): boolean {
  try {
    execFileSync(python, [
      '-c',
      `import importlib.util, sys; sys.exit(importlib.util.find_spec(${JSON.stringify(name)}) is None)`,
    ]);
    return true;
  } catch {
    return false;
  }
}

export const python = findPython();
export const whyNoPython = 'no Python with mlflow: set LACUNA_PYTHON, or run the setup';
if (python === undefined) console.warn(`skipped: ${whyNoPython}`);
