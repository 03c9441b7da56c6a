import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command line's own file. */
export const program = fileURLToPath(new URL('../../experiments/bin/lacuna.mjs', import.meta.url));

/** Options of a sweep where nothing hangs on trials side by side: a second process takes .6 s of CPU to start. */
export const inOneProcess = ['--no-tracking', '--workers', '1'] as const;

/** How a call of the command line ended. */
export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A call of the command line that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lacuna-end-to-end-'));

/** Starts `lacuna ...` as a process of its own. */
export function start(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  return { child, ended: new Promise((resolve) => child.once('close', (status) => resolve({ status, out, err }))) };
}

/** Runs `lacuna ...` to its end. */
export const lacuna = (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => start(folder, args, env).ended;

/** Runs `lacuna ...`, which has to succeed: what it said is the failure's text. */
export async function succeeds(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const ended = await lacuna(folder, args, env);
  if (ended.status !== 0)
    throw new Error(`lacuna ${args.join(' ')} ended with ${ended.status}:\n${ended.out}\n${ended.err}`);
  return ended;
}

/** Writes a spec that trains in seconds: synthetic dentin, a light FSRCNN; its figures are SVG alone by default. */
export function tinySpec(
  folder: string,
  options: { name?: string; methods?: string; steps?: number; seeds?: string; formats?: string; more?: string } = {},
): string {
  const {
    name = 'tiny',
    methods = '{ bicubic: { regime: { kind: interpolation } }, paired: {} }',
    steps = 20,
    seeds = '[0]',
    formats = '[]',
    more = '',
  } = options;
  const path = join(folder, `${name}.yaml`);
  writeFileSync(
    path,
    `name: ${name}
data: { source: dentin, width: 128, height: 64 }
degradation: { kind: confocal, factor: 2, photons: 100 }
split: { kind: blocks, axis: x, fractions: [0.5, 0.25, 0.25], guard: 2 }
training:
  { steps: ${steps}, batch: 2, patch: 8, logEvery: 2, validateEvery: ${Math.ceil(steps / 4)}, checkpointEvery: 10 }
evaluation: { metrics: [psnr, cldice] }
model: { name: fsrcnn, d: 8, s: 4, m: 1 }
regime: { kind: paired }
methods: ${methods}
seeds: ${seeds}
figures: { formats: ${formats} }
${more}`,
  );
  return path;
}

/** Folders of a sweep's trials by id. */
export const trialIds = (sweep: string): string[] =>
  existsSync(join(sweep, 'trials')) ? readdirSync(join(sweep, 'trials')).sort() : [];

/** Points of a trial's curves. */
export interface Point {
  readonly name: string;
  readonly step: number;
  readonly value: number;
}
export function pointsOf(sweep: string, id: string): Point[] {
  const path = join(sweep, 'trials', id, 'metrics.jsonl');
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Point)
    : [];
}

/** Entries of a sweep's journal. */
export function journalOf(sweep: string): { trial: string; state: string; pid?: number; reason?: string }[] {
  const path = join(sweep, 'journal.jsonl');
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line.slice(9)) as ReturnType<typeof journalOf>[number])
    : [];
}

/**
 * Waits for something that another process does.
 * @param everyMs how often is looked: seldom where the look itself is a process.
 */
export async function until(what: () => boolean, everyMs = 15): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, everyMs));
}
