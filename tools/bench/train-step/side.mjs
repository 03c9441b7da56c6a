// One of the two programs that take training steps: lacuna.mjs or peer.py, told what to do line by line.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Pause before each step, ms: PyTorch's OpenMP threads spin for a while after their work, on the cores of the next. */
const REST = 50;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env added to this process' own.
 * @returns {{ask: (text: string) => Promise<number>, close: () => void}} `ask` throws where the side says that it
 * failed, or ended.
 */
export function openSide(command, args, env) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    // nx forces colours on its children, and numbers that are printed would have them.
    env: { ...process.env, FORCE_COLOR: '0', ...env },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(text) {
      if (text === 'step') await sleep(REST);
      child.stdin.write(`${text}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ended at: ${text}`);
      if (value.startsWith('failed')) throw new Error(value);
      return Number(value);
    },
    close: () => child.stdin.end(),
  };
}

/** @param {number[]} numbers */
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Path of a program of this folder. */
export const programOf = (name) => new URL(name, import.meta.url).pathname;
