// Runs `node program args...`. nx's own run-commands goes through a shell, where JSON loses its quotes and `$HOME`
// expands.
const { spawn } = require('node:child_process');
const { existsSync, writeFileSync } = require('node:fs');
const { constants } = require('node:os');
const { join } = require('node:path');

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Where npm or npx was called: paths that were typed there are meant from there. */
function calledFrom(root) {
  const folder = process.env.INIT_CWD;
  return folder && existsSync(folder) ? folder : root;
}

module.exports = function node(options, context) {
  const { program, args = [], __unparsed__: typed = [] } = options;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(context.root, program), ...args, ...typed], {
      cwd: calledFrom(context.root),
      stdio: 'inherit',
    });
    const forward = signals.map((signal) => [signal, () => child.kill(signal)]);
    for (const [signal, pass] of forward) process.on(signal, pass);
    child.on('error', (error) => {
      console.error(error.message);
      resolve({ success: false });
    });
    child.on('close', (code, signal) => {
      for (const [name, pass] of forward) process.off(name, pass);
      const status = code ?? 128 + constants.signals[signal];
      // nx makes 1 of every failure; who wants the status itself names a file for it.
      if (process.env.LACUNA_STATUS_FILE) writeFileSync(process.env.LACUNA_STATUS_FILE, String(status));
      resolve({ success: status === 0 });
    });
  });
};
