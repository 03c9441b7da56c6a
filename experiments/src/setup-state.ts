import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const setupState = z.object({
  schema: z.literal(1),
  cache: z.string(),
  engine: z.object({
    kind: z.enum(['tensorflow', 'wasm']),
    device: z.enum(['cpu', 'gpu']),
    version: z.string().optional(),
    library: z.string().optional(),
    binding: z.string().optional(),
  }),
  python: z.string().nullable(),
  mlflow: z.object({ python: z.string() }).nullable(),
  testExtras: z.boolean(),
  retina: z.string().nullable(),
  missing: z.array(z.object({ piece: z.string(), consequence: z.string(), remedy: z.string() })),
});

/** What set-up found and made, as `.lacuna/setup.json` holds it (tools/setup/README.md). */
export type SetupState = z.infer<typeof setupState>;

/** The clone's root: this file lies in `experiments/src` or `experiments/dist`. */
export function workspaceRoot(): string {
  return resolve(dirname(fileURLToPath(import.meta.url)), '../..');
}

/** @returns null where set-up has not run, or wrote another schema. */
export function readSetupState(root: string = workspaceRoot()): SetupState | null {
  try {
    const parsed = setupState.safeParse(JSON.parse(readFileSync(join(root, '.lacuna/setup.json'), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Per-user cache shared by clones: `${XDG_CACHE_HOME:-~/.cache}/lacuna`. */
export function userCache(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lacuna');
}
