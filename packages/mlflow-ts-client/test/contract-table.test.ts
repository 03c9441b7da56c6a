import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ProxiedArtifacts } from '../src/artifact-store.js';
import { MlflowClient } from '../src/index.js';
import { python, whyNoPython } from './support/python.js';

const readme = fs.readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
/** The README's table: `METHODS path`, and what stands beside it. */
const rows = [...readme.matchAll(/^\| ([A-Z ]+) `(\/api\/[^`]+)` +\| (.+?) +\|$/gm)].map(([, methods, path, here]) => ({
  endpoints: methods.split(' ').map((method) => `${method} ${path}`),
  here: here,
}));

describe('the contract table', () => {
  it('names methods that exist, or says why there is none', () => {
    const methods = new Set([
      ...Object.getOwnPropertyNames(ProxiedArtifacts.prototype),
      ...prototypesOf(MlflowClient.prototype),
    ]);
    for (const { endpoints, here } of rows) {
      if (here.startsWith('no: ')) {
        expect(here.length, endpoints.join(', ')).toBeGreaterThan('no: '.length + 5);
        continue;
      }
      // Only the words before a remark are names of methods.
      const names = [...here.split(/[;(]/)[0].matchAll(/`(\w+)`/g)].map(([, name]) => name);
      expect(names.length, endpoints.join(', ')).toBeGreaterThan(0);
      for (const name of names) expect(methods.has(name), `${endpoints.join(', ')}: ${name}`).toBe(true);
    }
  });

  it.skipIf(python === undefined)(
    `holds every endpoint of the server, and no other${python === undefined ? ` (skipped: ${whyNoPython})` : ''}`,
    () => {
      const script = fileURLToPath(new URL('./python/endpoints.py', import.meta.url));
      const served = execFileSync(python!, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .trim()
        .split('\n');
      expect(served.length).toBeGreaterThan(100);
      expect(rows.flatMap(({ endpoints }) => endpoints).sort()).toEqual(served.sort());
    },
  );
});

function prototypesOf(prototype: object | null): string[] {
  return prototype === null || prototype === Object.prototype
    ? []
    : [...Object.getOwnPropertyNames(prototype), ...prototypesOf(Object.getPrototypeOf(prototype) as object | null)];
}
