import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A Python that has a module: LACUNA_PYTHON, what set-up made, or an environment in the user's cache; undefined where
 * there is none.
 */
export function findPython(module: string): string | undefined {
  const state = fileURLToPath(new URL('../../../.lacuna/setup.json', import.meta.url));
  const made = existsSync(state)
    ? (JSON.parse(readFileSync(state, 'utf8')) as { mlflow: { python: string } | null }).mlflow?.python
    : undefined;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lacuna');
  const cached = existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => name.startsWith('venv-'))
        .map((name) => join(cache, name, 'bin', 'python'))
    : [];
  return [process.env['LACUNA_PYTHON'], made, ...cached].find(
    (candidate): candidate is string => !!candidate && existsSync(candidate) && has(candidate, module),
  );
}

function has(python: string, module: string): boolean {
  try {
    execFileSync(
      python,
      ['-c', `import importlib.util, sys; sys.exit(importlib.util.find_spec(${JSON.stringify(module)}) is None)`],
      { stdio: 'ignore' },
    );
    return true;
  } catch {
    return false;
  }
}
