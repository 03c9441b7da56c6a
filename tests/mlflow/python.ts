import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A Python with MLflow: LACUNA_PYTHON, or what set-up made; `absent` says why there is none. */
export function findPython(): { readonly python: string; readonly absent: string | null } {
  const state = fileURLToPath(new URL('../../.lacuna/setup.json', import.meta.url));
  const made = existsSync(state)
    ? (JSON.parse(readFileSync(state, 'utf8')) as { mlflow: { python: string } | null }).mlflow?.python
    : undefined;
  const python = process.env['LACUNA_PYTHON'] ?? made;
  if (python === undefined)
    return { python: '', absent: 'no Python with MLflow (npm run setup, or set LACUNA_PYTHON)' };
  if (!existsSync(python)) return { python, absent: `${python} is not there (npm run setup)` };
  return { python, absent: hasMlflow(python) ? null : `${python} cannot import mlflow (npm run setup)` };
}

function hasMlflow(python: string): boolean {
  try {
    // Finding the package is enough: importing it takes seconds.
    execFileSync(python, ['-c', 'import importlib.util, sys; sys.exit(importlib.util.find_spec("mlflow") is None)'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}
