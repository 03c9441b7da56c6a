import { readFileSync } from 'node:fs';
import { FailureError, appendWhole } from '@lacuna/core';
import type { JobSource, Validation, Verdict } from '@lacuna/sweep';
import { writeJson } from '../machine/json-file.js';
import { layout } from '../sweep/results/results.js';

/**
 * Validations and verdicts of a trial as files of its folder: the node writes the first, the host of the search the
 * second. Nobody waits for the other. A verdict ends the trial at the first validation after it is seen; without one
 * the trial goes on.
 */
export function judgedInFolder(jobs: JobSource, trial: string): JobSource {
  return {
    take: () => jobs.take(),
    end: (id, end) => jobs.end(id, end),
    judge(_, { step, values }) {
      try {
        appendWhole(layout.validations(trial), `${JSON.stringify({ step, values })}\n`);
      } catch (error) {
        // A disk that is full ends the trial at its next checkpoint, with the word for it.
        if (!(error instanceof FailureError)) throw error;
      }
      return Promise.resolve(readVerdict(trial)?.prune ?? null);
    },
  };
}

/** The validations of a trial so far, of all its jobs; a line that is not whole yet is left for later. */
export function readValidations(trial: string): Validation[] {
  const lines = textOf(layout.validations(trial)).split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Validation);
}

export function writeVerdict(trial: string, verdict: Verdict): void {
  writeJson(layout.verdict(trial), verdict);
}

function readVerdict(trial: string): Verdict | null {
  const text = textOf(layout.verdict(trial));
  return text === '' ? null : (JSON.parse(text) as Verdict);
}

/** Empty for a file that is not there, or that a shared file system does not show now. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
