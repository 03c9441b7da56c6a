import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { crc32 } from './crc32.js';

const StateBody = z.object({
  version: z.literal(1),
  /** Everything before this place is delivered. */
  position: z.object({ segment: z.number(), offset: z.number() }),
  runId: z.string().optional(),
  experimentId: z.string().optional(),
  artifactUri: z.string().optional(),
  /** Whether the last thing delivered was the end of the run. */
  ended: z.boolean(),
  /** Highest delivered step of each metric (`m:key`) and image (`i:key`), by which a resumed run logs nothing twice. */
  steps: z.record(z.string(), z.number()),
  /** Logged models made so far: own id to the server's. */
  models: z.record(z.string(), z.object({ modelId: z.string(), artifactUri: z.string() })),
  /** Tags that a request of unknown fate carried, and what they are to be; null where they are to be gone. */
  risks: z.record(z.string(), z.string().nullable()).default({}),
  rejected: z.number(),
  torn: z.number(),
});
/** How far a run's journal is delivered. */
export type SpoolState = z.output<typeof StateBody>;

function freshState(): SpoolState {
  return {
    version: 1,
    position: { segment: 0, offset: 0 },
    ended: false,
    steps: {},
    models: {},
    risks: {},
    rejected: 0,
    torn: 0,
  };
}

/**
 * Reads the state; a missing or damaged one is a fresh one. That is safe: items are delivered again, the server keeps
 * them once, and the run is found by its key.
 */
export function readState(folder: string): SpoolState {
  let text: string;
  try {
    text = fs.readFileSync(path.join(folder, 'state.json'), 'utf8');
  } catch {
    return freshState();
  }
  const [sum, json] = [text.slice(0, 8), text.slice(9)];
  if (crc32(Buffer.from(json)).toString(16).padStart(8, '0') !== sum) return freshState();
  const parsed = StateBody.safeParse(JSON.parse(json));
  return parsed.success ? parsed.data : freshState();
}

/** Replaces the state in one step: a crash leaves the old one or the new one. */
export function writeState(folder: string, state: SpoolState): void {
  const json = JSON.stringify(state);
  const temporary = path.join(folder, `state.${process.pid}.tmp`);
  fs.writeFileSync(temporary, `${crc32(Buffer.from(json)).toString(16).padStart(8, '0')} ${json}`);
  fs.renameSync(temporary, path.join(folder, 'state.json'));
}
