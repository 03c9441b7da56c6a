import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';

interface Owner {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the kernel's ticks: tells a reused process number apart. Empty where unknown. */
  readonly started: string;
}

/** A lock on another machine is taken over after this long without a touch. */
const FOREIGN_STALE_MS = 15 * 60_000;

/** A file that says which process holds something. It survives its process, and is then seen to be stale. */
export class FileLock {
  private readonly file: string;
  private readonly id: string;
  private readonly open: number;
  private isReleased = false;
  private readonly timer: NodeJS.Timeout;

  private constructor(file: string, id: string) {
    this.file = file;
    this.id = id;
    this.open = fs.openSync(file, 'r+');
    this.timer = setInterval(() => this.touch(), 60_000);
    this.timer.unref();
  }

  /** @returns undefined where a living process holds it. */
  static acquire(file: string): FileLock | undefined {
    const me: Owner = { id: randomUUID(), host: os.hostname(), pid: process.pid, started: ownStart() };
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        createWhole(file, JSON.stringify(me));
        return new FileLock(file, me.id);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (isHeld(file)) return undefined;
      // Renaming succeeds for one of several takers only.
      try {
        fs.renameSync(file, `${file}.${me.id}`);
        fs.rmSync(`${file}.${me.id}`, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    return undefined;
  }

  /** Gives the lock back. */
  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    clearInterval(this.timer);
    fs.closeSync(this.open);
    if (readOwner(this.file)?.id === this.id) fs.rmSync(this.file, { force: true });
  }

  /**
   * Writes its first letter again: the file's time is then by the file system's clock, and those of machines differ. By
   * its open file, which is the lock's own also where another process has taken it over.
   */
  private touch(): void {
    try {
      fs.writeSync(this.open, '{', 0);
    } catch {
      // The next touch may come through.
    }
  }
}

/** Whether a living process holds the lock. */
export function isHeld(file: string): boolean {
  const owner = readOwner(file);
  if (owner === undefined) return fs.existsSync(file) && ageMs(file) < 5000;
  if (owner.host !== os.hostname()) return ageMs(file, fileSystemNow(file)) < FOREIGN_STALE_MS;
  if (!isAlive(owner.pid)) return false;
  return owner.started === '' || owner.started === startTicks(owner.pid);
}

/**
 * Makes a new file with this text, or none: what a full disk leaves empty would pass for a lock that is being written.
 * @throws EEXIST where the file is there already.
 */
function createWhole(file: string, text: string): void {
  const open = fs.openSync(file, 'wx');
  try {
    fs.writeFileSync(open, text);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(open);
  }
}

function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

/** The time by the clock of the file system that a file lies on; this machine's where nothing can be written there. */
function fileSystemNow(file: string): number {
  const probe = `${file}.${randomUUID()}`;
  try {
    fs.writeFileSync(probe, '', { flag: 'wx' });
    return fs.statSync(probe).mtimeMs;
  } catch {
    return Date.now();
  } finally {
    fs.rmSync(probe, { force: true });
  }
}

function ageMs(file: string, now = Date.now()): number {
  try {
    return now - fs.statSync(file).mtimeMs;
  } catch {
    return Infinity;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

let own: string | undefined;

/** When this process started. Read once: a sender takes its lock for every pass. */
function ownStart(): string {
  own ??= startTicks(process.pid);
  return own;
}

function startTicks(pid: number): string {
  try {
    // The command's name, in parentheses, may hold spaces: count fields after it.
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A process that has ended and that nobody has waited for yet holds nothing.
    return fields[0] === 'Z' ? 'ended' : fields[19];
  } catch {
    return '';
  }
}
