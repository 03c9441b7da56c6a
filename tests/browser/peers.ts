import { existsSync } from 'node:fs';
import { findPython } from '../mlflow/python.js';

/** What the browser tests need beside Node; where one is missing, `absent` says which and how to get it. */
export interface Peers {
  readonly chromium: string;
  readonly absent: string | null;
}

/** Looks for Chromium (CHROMIUM, then the usual places) and a Python with MLflow. */
export function findPeers(): Peers {
  const chromium = [
    process.env.CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find((path) => path !== undefined && existsSync(path));
  const absent =
    chromium === undefined
      ? 'Chromium is not installed (apt-get install chromium, or set CHROMIUM)'
      : findPython().absent;
  return { chromium: chromium ?? '', absent };
}
