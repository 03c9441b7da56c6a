import { describe, expect, it } from 'vitest';
import { WorkerThread } from '../src/index.js';

/** A worker that runs `body` on each input. */
function source(body: string): URL {
  const code = `import { parentPort } from 'node:worker_threads'; parentPort.on('message', (input) => { ${body} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

describe('WorkerThread', () => {
  it('answers jobs in their order', async () => {
    await using thread = new WorkerThread<number, number>(source('parentPort.postMessage({ output: input * input });'));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => thread.run(i)));
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => i * i));
  });

  it('fails the job whose thread dies and goes on with the others', async () => {
    await using thread = new WorkerThread<number, number>(
      source('if (input === 1) process.exit(3); parentPort.postMessage({ output: input });'),
    );
    const answers = await Promise.allSettled([thread.run(0), thread.run(1), thread.run(2)]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(String((answers[1] as PromiseRejectedResult).reason.message)).toContain('exit 3 in the middle of a job');
  });

  it('fails the job that throws past its thread, and that one alone', async () => {
    await using thread = new WorkerThread<number, number>(
      source('if (input === 1) throw new RangeError("too large"); parentPort.postMessage({ output: input });'),
    );
    const answers = await Promise.allSettled([thread.run(0), thread.run(1), thread.run(2), thread.run(3)]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect((answers[1] as PromiseRejectedResult).reason).toMatchObject({ name: 'RangeError', message: 'too large' });
  });

  it('rejects what is open when it is closed', async () => {
    const thread = new WorkerThread<number, number>(source(''));
    const open = Promise.allSettled([thread.run(0), thread.run(1)]);
    await thread.close();
    expect((await open).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('refuses jobs after close', async () => {
    const thread = new WorkerThread<number, number>(source('parentPort.postMessage({ output: input });'));
    await thread.close();
    await expect(thread.run(1)).rejects.toThrow('a job after close');
  });
});
