import { readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '@lacuna/core';

/** Where a server of ours works, and on what. */
export interface ServerPlace {
  /** Its working folder. */
  readonly home: string;
  readonly database: string;
}

/**
 * The process groups that serve a database: a server and its workers are one group, and a worker keeps the port when
 * the server itself was killed. On Linux they are looked for by what they serve, with or without `known`; elsewhere
 * `known` is believed while anything of its group lives.
 * @param known number of the group that was started last, or null.
 */
export function serverGroups(place: ServerPlace, known: number | null): number[] {
  if (process.platform !== 'linux') return known !== null && isGroupAlive(known) ? [known] : [];
  const groups = new Set<number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const found = describeProcess(name);
    if (found !== null && serves(found, place, known)) groups.add(found.group);
  }
  return [...groups];
}

/** Ends a group: gently, after ten seconds by force. Returns when nothing of it lives. */
export async function endGroup(group: number): Promise<void> {
  signalGroup(group, 'SIGTERM');
  for (let waited = 0; waited < 10_000 && isGroupAlive(group); waited += 100) await sleep(100);
  if (isGroupAlive(group)) signalGroup(group, 'SIGKILL');
  for (let waited = 0; waited < 2000 && isGroupAlive(group); waited += 50) await sleep(50);
}

interface Process {
  readonly group: number;
  readonly folder: string;
  readonly command: string;
  readonly environment: string;
}

/** What Linux shows of a process; null where it has ended, is a zombie, or is another user's. */
function describeProcess(pid: string): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces: state, parent and group come after it.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return {
      group: Number(group),
      folder: readlinkSync(`/proc/${pid}/cwd`),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '),
      environment: readFileSync(`/proc/${pid}/environ`, 'utf8'),
    };
  } catch {
    return null;
  }
}

/** The folder as the system names it; itself where it is not there. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** A user's own shell in the folder, or a look into the database with another program, is no server. */
function serves({ group, folder, command, environment }: Process, place: ServerPlace, known: number | null): boolean {
  if (folder !== realPath(place.home)) return false;
  const address = `sqlite:///${place.database}`;
  if (/\bserver\b/.test(command) && command.includes(address)) return true;
  if (group === known) return true;
  // MLflow hands the address to its workers in their environment.
  return /\b(uvicorn|gunicorn|waitress)\b/.test(command) && environment.includes(address);
}

function isGroupAlive(group: number): boolean {
  if (process.platform !== 'linux') return isAlive(-group);
  // Ended processes that their parent did not ask after count as alive for `kill`.
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && describeProcess(name)?.group === group);
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Gone already.
  }
}
