import { describe, expect, it } from 'vitest';
import { WorkerPool } from '../src/index.js';

/** A worker that runs `body` on each input. */
function source(body: string): URL {
  const code = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', (input) => { ${body} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

describe('WorkerPool', () => {
  it('answers many jobs from few threads, each with its own answer', async () => {
    await using pool = new WorkerPool<number, number>(source('parentPort.postMessage({ output: input * input });'), {
      size: 2,
    });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.run(i)));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => i * i));
  });

  it('fails the job whose thread dies and goes on with the others', async () => {
    await using pool = new WorkerPool<number, number>(
      source('if (input === 1) process.exit(3); parentPort.postMessage({ output: input });'),
      { size: 1 },
    );
    const answers = await Promise.allSettled([pool.run(0), pool.run(1), pool.run(2)]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(String((answers[1] as PromiseRejectedResult).reason.message)).toContain('exit 3 in the middle of a job');
  });

  it('refuses jobs after close', async () => {
    const pool = new WorkerPool<number, number>(source('parentPort.postMessage({ output: input });'));
    await pool.close();
    await expect(pool.run(1)).rejects.toThrow('a job after close');
  });
});
