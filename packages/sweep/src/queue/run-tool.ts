import { spawnSync } from 'node:child_process';
import { FailureError } from '@lacuna/core';

/** How long a scheduler may take to answer: large ones are slow when many ask. */
const ANSWER_MS = 120_000;

/** What a scheduler's command answered. */
export interface ToolAnswer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a command of a scheduler.
 * @param env what it is told besides this process's environment.
 * @throws {FailureError} where there is no such command, or it does not answer.
 */
export function runTool(tool: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ToolAnswer {
  const ended = spawnSync(tool, args, {
    encoding: 'utf8',
    timeout: ANSWER_MS,
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...env },
  });
  if (ended.error && (ended.error as NodeJS.ErrnoException).code === 'ENOENT')
    throw new FailureError({
      who: tool,
      got: 'no such command on this machine',
      wanted: "the scheduler's commands",
      remedy: "call lacuna where jobs are submitted (the cluster's front end), or use --executor local",
    });
  if (ended.error || ended.status === null)
    throw new FailureError({
      who: [tool, ...args].join(' '),
      got: ended.error?.message ?? `an end by ${ended.signal}`,
      wanted: 'an answer of the scheduler',
      remedy: 'try again; nothing is lost',
    });
  return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

/** {@link runTool} for commands that have to succeed. @throws {FailureError} with the command's own words. */
export function needTool(tool: string, args: readonly string[]): string {
  const { status, out, err } = runTool(tool, args);
  if (status === 0) return out;
  throw new FailureError({
    who: [tool, ...args].join(' '),
    got: lastLine(err) ?? lastLine(out) ?? `exit status ${status}`,
    wanted: 'an answer of the scheduler',
    remedy: 'try again; nothing is lost',
  });
}

/** What asking gives, or `otherwise` where the scheduler does not answer. */
export function unlessSilent<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof FailureError) return otherwise;
    throw error;
  }
}

/** The last line that says something. */
export function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '');
}
