import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Python's client in a process of its own that imports mlflow once; `log(kind, count, seconds)` gives `{ count,
 * seconds }`.
 */
export async function startPython(python, uri, folder) {
  const child = spawn(python, [fileURLToPath(new URL('./bench.py', import.meta.url)), uri, folder], {
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** MLflow prints addresses of runs in between: those lines are not answers. */
  const answer = async (wanted) => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done) throw new Error('Python ended before it answered');
      const match = wanted.exec(value);
      if (match !== null) return match;
    }
  };
  await answer(/^ready$/);
  return {
    log: async (kind, count, seconds) => {
      child.stdin.write(`${kind} ${count} ${seconds}\n`);
      const [, logged, taken] = await answer(/^(\d+) ([\d.e-]+)$/);
      return { count: Number(logged), seconds: Number(taken) };
    },
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      child.kill();
      await gone;
    },
  };
}
