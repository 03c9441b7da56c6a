// The sweep's own target, with the options that followed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns {Promise<number>} the exit status of `lacuna sweep` itself (nx makes 1 of every failure). */
export function runSweep(root, state, args) {
  const scratch = mkdtempSync(join(tmpdir(), 'lacuna-'));
  const statusFile = join(scratch, 'status');
  const env = { NX_DAEMON: 'false', NX_TUI: 'false', ...process.env, LACUNA_STATUS_FILE: statusFile };
  if (state.python) env.LACUNA_PYTHON ??= state.python;
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run', 'experiments:sweep', ...args],
      { cwd: root, stdio: 'inherit', env },
    );
    // Ctrl-C reaches the child by itself; it stops after a checkpoint and ends first. nx is silent from then on.
    let interrupted = false;
    process.on('SIGINT', () => {
      interrupted = true;
    });
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('close', (code) => {
      const own = readStatus(statusFile);
      if (interrupted) console.log('stopped; what is finished stays. To go on: the same command again');
      rmSync(scratch, { recursive: true, force: true });
      resolve(own ?? code ?? 130);
    });
  });
}

function readStatus(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
