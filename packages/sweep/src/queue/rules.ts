/** How a trial's process on a cluster ended, where it did not end with a result. */
export type TrialEnding = 'time-limit' | 'asked' | 'out-of-memory' | 'killed' | 'disk-full' | 'mistake' | 'error';

/** What is done about an ending by the job itself. */
interface Rule {
  /** How often the trial is queued again: a number of times, or as long as it makes steps. */
  readonly again: number | 'while-it-makes-steps';
  /** What a reader is told. */
  readonly words: string;
}

/**
 * One rule an ending. What the scheduler ends by itself (a node that dies, a preempted job) it queues again by itself;
 * what ends with the whole job leaves no process to apply a rule, and the next `lacuna sweep` submits it.
 */
export const RULES: Readonly<Record<TrialEnding, Rule>> = {
  'time-limit': { again: 'while-it-makes-steps', words: 'stopped at the time limit' },
  asked: { again: 0, words: 'asked to end by the scheduler' },
  'out-of-memory': { again: 1, words: 'killed for memory' },
  killed: { again: 3, words: 'killed' },
  'disk-full': { again: 0, words: 'disk or quota full' },
  mistake: { again: 0, words: 'failed' },
  error: { again: 0, words: 'failed' },
};

/** Starts in a row without a step, after which a time limit is taken for too short. */
export const IDLE_STARTS = 3;

/** What is known of a trial's ends so far. */
export interface EndCounts {
  /** By ending, how often the trial was queued again. */
  readonly again: Readonly<Partial<Record<TrialEnding, number>>>;
  /** Starts in a row that reached no new step. */
  readonly idle: number;
}

/** Whether a trial is queued again after an ending. */
export function isQueuedAgain(ending: TrialEnding, { again, idle }: EndCounts): boolean {
  const rule = RULES[ending];
  if (rule.again === 'while-it-makes-steps') return idle < IDLE_STARTS;
  return (again[ending] ?? 0) < rule.again;
}
