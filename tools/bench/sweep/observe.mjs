// Loaded into every process of a sweep (`--import`): a process of trials leaves their timelines, once it ends, in the
// folder that LACUNA_BENCH_TIMES names. Times are in ms since the process began; `cpu` is the time of the CPU until
// then.
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const [, script = ''] = process.argv;
const folder = process.env.LACUNA_BENCH_TIMES;
const PREFIX = 'lacuna:';

const milliseconds = ({ user, system }) => (user + system) / 1000;

/** Writes the timeline of each trial that the process has run; the first one's begins with the process. */
function writeTimes() {
  const marks = performance.getEntriesByType('mark').filter(({ name }) => name.startsWith(PREFIX));
  const trials = [];
  for (const { name, startTime, detail } of marks) {
    const mark = { part: name.slice(PREFIX.length), from: startTime, cpu: milliseconds(detail) };
    if (mark.part !== 'trial') trials.at(-1).parts.push(mark);
    else if (trials.length > 0) trials.push({ job: detail.job, parts: [{ ...mark, part: 'modules' }] });
    else trials.push({ job: detail.job, parts: [{ part: 'modules', from: 0, cpu: 0 }] });
  }
  for (const { job, parts } of trials)
    writeFileSync(join(folder, `${basename(dirname(job))}.json`), JSON.stringify(parts));
}

if (isMainThread && folder !== undefined && basename(script) === 'trial-process.js') process.once('exit', writeTimes);
