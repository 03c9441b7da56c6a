// vitest's globalSetup of every package: this run's own TMPDIR, which goes with it, and no process left behind.
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long what a test stopped may take to end. */
const graceMs = 4000;

/** @returns what vitest calls after the last test. */
export default function setup() {
  const before = process.env.TMPDIR;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lacuna-test-')));
  process.env.TMPDIR = folder;
  return async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    const left = await leftBehind(folder);
    for (const { pid, command } of left) {
      console.error(`left running by a test, ended now: ${pid} ${command}`);
      kill(pid);
    }
    // Files that have reached the disk take milliseconds each: vitest waits for its workers' ends meanwhile.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    // vitest only prints what goes wrong here.
    if (left.length > 0) process.exitCode = 1;
  };
}

/** Waits for the processes of `folder` to end, and gives those that do not. */
async function leftBehind(folder) {
  for (const deadline = Date.now() + graceMs; ; await sleep(100)) {
    const running = processesOf(folder);
    if (running.length === 0 || Date.now() > deadline) return running;
  }
}

/**
 * Processes that were given `folder` as their TMPDIR or work in it; vitest's own, which are children of this process,
 * left out. Only Linux shows them.
 * @returns {{pid: number, command: string}[]}
 */
export function processesOf(folder) {
  if (process.platform !== 'linux') return [];
  const found = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const theirs =
        readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(`TMPDIR=${folder}`) ||
        `${readlinkSync(`/proc/${name}/cwd`)}/`.startsWith(`${folder}/`);
      if (theirs && parentOf(name) !== process.pid)
        found.push({
          pid: Number(name),
          command: readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim().slice(0, 200),
        });
    } catch {
      // It ended meanwhile, or is another user's.
    }
  }
  return found;
}

/** The parent's number: the second field after the name, which may hold spaces and parentheses. */
const parentOf = (pid) => Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ')[1]);

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
