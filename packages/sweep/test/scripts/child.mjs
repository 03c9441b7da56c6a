// What the executor's tests run in place of a trial: the first argument says what happens.
import { writeFileSync } from 'node:fs';

const [what, file] = process.argv.slice(2);
const send = (message) => new Promise((resolve) => process.send(message, () => resolve()));
const forever = setInterval(() => undefined, 1000);
const leave = (code) => {
  clearInterval(forever);
  process.exit(code);
};

if (what === 'finish') {
  console.log(`slot ${process.env.SLOT}`);
  await send({ kind: 'progress', step: 1, steps: 1, loss: 1, score: null, stepMs: 1 });
  await send({ kind: 'done', status: 'finished' });
  leave(0);
}
if (what === 'diverge') {
  await send({ kind: 'done', status: 'diverged', reason: 'loss is NaN' });
  leave(0);
}
if (what === 'refuse') {
  await send({ kind: 'error', message: 'folder: got no images', exitCode: 2 });
  leave(2);
}
if (what === 'noise') {
  console.error('NOISE before\nthe reason\nNOISE after');
  process.stderr.write('NOISE without an end');
  leave(3);
}
if (what === 'crash') {
  console.error('first words\nlast words');
  leave(7);
}
if (what === 'kill') process.kill(process.pid, 'SIGKILL');
if (what === 'deaf') await send({ kind: 'progress', step: 1, steps: 2, loss: null, score: null, stepMs: null });
if (what === 'stoppable') {
  process.on('message', async ({ kind }) => {
    if (kind === 'stop') {
      await send({ kind: 'done', status: 'stopped' });
      leave(0);
    }
  });
  await send({ kind: 'progress', step: 1, steps: 2, loss: null, score: null, stepMs: null });
}
if (what === 'orphan') {
  process.on('disconnect', () => {
    writeFileSync(file, 'disconnected');
    leave(0);
  });
  await send({ kind: 'progress', step: 1, steps: 2, loss: null, score: null, stepMs: null });
}
