// Child processes and the PATH, without a shell in between.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Runs a command to its end.
 * @param options.onLine is called with each line of stdout and stderr.
 * @returns {Promise<{status: number, output: string}>} status 127 when the command does not exist; the last 64 kB of
 * output.
 */
export function run(command, args, { cwd, env = process.env, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let rest = '';
    const take = (chunk) => {
      output = (output + chunk).slice(-65536);
      if (!onLine) return;
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop();
      lines.forEach(onLine);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ status: error.code === 'ENOENT' ? 127 : 126, output: error.message }));
    child.on('close', (code, signal) => {
      if (rest && onLine) onLine(rest);
      resolve({ status: code ?? (signal ? 128 : 1), output });
    });
  });
}

/** Where a command lies on the PATH, or null. */
export function which(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    if (!folder) continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/** The last lines of a command's output that say something, for an error message. */
export function lastLines(output, count = 3) {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(-count)
    .join(' | ');
}
