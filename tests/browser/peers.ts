import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the browser tests need beside Node; where one is missing, `absent` says which and how to get it. */
export interface Peers {
  readonly chromium: string;
  readonly python: string;
  readonly absent: string | null;
}

/** Looks for Chromium (CHROMIUM, then the usual places) and a Python with MLflow (LACUNA_PYTHON, then what set-up made). */
export function findPeers(): Peers {
  const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path !== undefined && existsSync(path));
  const python = process.env.LACUNA_PYTHON ?? pythonOfSetup();
  const absent = chromium === undefined ? 'Chromium is not installed (apt-get install chromium, or set CHROMIUM)'
    : python === undefined ? 'no Python with MLflow (npm run setup, or set LACUNA_PYTHON)'
    : hasMlflow(python) ? null : `${python} cannot import mlflow (npm run setup)`;
  return { chromium: chromium ?? '', python: python ?? '', absent };
}

function pythonOfSetup(): string | undefined {
  const file = fileURLToPath(new URL('../../.lacuna/setup.json', import.meta.url));
  if (!existsSync(file)) return undefined;
  const { python } = JSON.parse(readFileSync(file, 'utf8')) as { python?: string | null };
  return python ?? undefined;
}

function hasMlflow(python: string): boolean {
  try {
    // Finding the package is enough: importing it takes seconds.
    execFileSync(python, ['-c', 'import importlib.util, sys; sys.exit(importlib.util.find_spec("mlflow") is None)'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
