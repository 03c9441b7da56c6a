import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A Python with MLflow: LACUNA_PYTHON, or what set-up made; `absent` says why there is none. */
export function findPython(): { readonly python: string; readonly absent: string | null } {
  const state = fileURLToPath(new URL('../../.lacuna/setup.json', import.meta.url));
  const made = existsSync(state) ? (JSON.parse(readFileSync(state, 'utf8')) as { mlflow: { python: string } | null }).mlflow?.python : undefined;
  const python = process.env['LACUNA_PYTHON'] ?? made;
  if (python === undefined) return { python: '', absent: 'no Python with MLflow (npm run setup, or set LACUNA_PYTHON)' };
  return { python, absent: existsSync(python) ? null : `${python} is not there (npm run setup)` };
}
