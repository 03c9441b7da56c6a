import { askSchedulers, readSubmissions, schedulerOf, writeSubmission } from '@lacuna/sweep';
import { layout } from '../sweep/results/results.js';

/** Ends the jobs of trials that are queued or running. @returns how many. */
export function cancelSweep(folder: string, trials: readonly string[]): number {
  const standings = askSchedulers(readSubmissions(layout.queue(folder)), new Set(trials));
  const live = [...standings.values()].filter(({ standing }) => standing.kind !== 'ended');
  for (const submission of new Set(live.map((job) => job.submission))) {
    const jobs = live.filter((job) => job.submission === submission);
    schedulerOf(submission.executor).cancel(jobs.map(({ job }) => job));
    const cancelled = new Set([...(submission.cancelled ?? []), ...jobs.map(({ task }) => task)]);
    writeSubmission(layout.queue(folder), { ...submission, cancelled: [...cancelled] });
  }
  return live.length;
}
