// Loaded into every process of a sweep (`--import`): a trial's process leaves its timeline, once it ends, in the folder
// that LACUNA_BENCH_TIMES names. Times are in ms since the process began; `cpu` is the time of the CPU until then.
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const [, script = '', job = ''] = process.argv;
const folder = process.env.LACUNA_BENCH_TIMES;
const PREFIX = 'lacuna:';

const milliseconds = ({ user, system }) => (user + system) / 1000;

if (isMainThread && folder !== undefined && basename(script) === 'trial-process.js') {
  process.once('exit', () => {
    const parts = performance
      .getEntriesByType('mark')
      .filter(({ name }) => name.startsWith(PREFIX))
      .map(({ name, startTime, detail }) => ({
        part: name.slice(PREFIX.length),
        from: startTime,
        cpu: milliseconds(detail),
      }));
    const end = { part: 'end', from: performance.now(), cpu: milliseconds(process.cpuUsage()) };
    const modules = { part: 'modules', from: 0, cpu: 0 };
    writeFileSync(join(folder, `${basename(dirname(job))}.json`), JSON.stringify([modules, ...parts, end]));
  });
}
