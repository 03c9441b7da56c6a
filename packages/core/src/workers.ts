import { fileURLToPath, pathToFileURL } from 'node:url';
import { availableParallelism } from 'node:os';
import { Worker, parentPort, type Transferable } from 'node:worker_threads';
import { FailureError, LacunaError, type ErrorParts } from './errors.js';

/**
 * Address of a worker's compiled file. Node's worker threads load JavaScript only, so a module that runs from
 * `src/` (tests) is pointed at its twin in `dist/`, which the build has made.
 */
export function workerUrl(moduleUrl: string, relative: string): URL {
  const path = fileURLToPath(new URL(relative, moduleUrl));
  const compiled = path.replace(/([/\\])src([/\\])(?!.*[/\\]src[/\\])/, '$1dist$2').replace(/\.ts$/, '.js');
  return pathToFileURL(moduleUrl.endsWith('.ts') ? compiled : path);
}

/**
 * Node's own options without the condition that resolves our packages to TypeScript sources: threads load what the
 * build made.
 */
function compiledArguments(execArgv: readonly string[]): string[] {
  return execArgv.filter(
    (argument, i) =>
      !/^(--conditions|-C)=?lacuna-source$/.test(argument) &&
      !(argument === 'lacuna-source' && /^(--conditions|-C)$/.test(execArgv[i - 1] ?? '')) &&
      !(/^(--conditions|-C)$/.test(argument) && execArgv[i + 1] === 'lacuna-source'),
  );
}

interface Job<Input, Output> {
  readonly input: Input;
  readonly transfer: readonly Transferable[];
  resolve(output: Output): void;
  reject(reason: unknown): void;
}

/** How one of our errors crosses the thread: a structured clone would keep the message and lose the class. */
interface SentError {
  readonly tag: string;
  readonly parts: ErrorParts;
  readonly exitCode: 1 | 2;
}

function revive(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('parts' in error)) return error;
  const { tag, parts, exitCode } = error as SentError;
  return new LacunaError(tag, parts, { exitCode });
}

/** What {@link serveWorker}'s function may return to move buffers instead of copying them. */
export interface Transferred<Output> {
  readonly output: Output;
  readonly transfer: readonly Transferable[];
}

/**
 * A fixed number of worker threads that run one function on many inputs.
 *
 * Jobs start in the order in which they were given; each thread has one at a time. A thread that dies fails its job
 * and is replaced. Threads do not keep the process alive once no job is open.
 */
export class WorkerPool<Input, Output> implements AsyncDisposable {
  private readonly idle: Worker[] = [];
  private readonly busy = new Map<Worker, Job<Input, Output>>();
  private readonly waiting: Job<Input, Output>[] = [];
  private readonly url: URL;
  private readonly size: number;
  private readonly workerData: unknown;
  private closed = false;

  constructor(url: URL, options: { size?: number; workerData?: unknown } = {}) {
    this.url = url;
    this.size = Math.max(1, options.size ?? availableParallelism());
    this.workerData = options.workerData;
  }

  run(input: Input, transfer: readonly Transferable[] = []): Promise<Output> {
    if (this.closed)
      return Promise.reject(
        new FailureError({ who: 'worker pool', got: 'a job after close', wanted: 'jobs before close' }),
      );
    return new Promise((resolve, reject) => {
      this.waiting.push({ input, transfer, resolve, reject });
      this.pump();
    });
  }

  private pump(): void {
    while (this.waiting.length > 0) {
      const worker = this.idle.pop() ?? (this.busy.size < this.size ? this.start() : undefined);
      if (!worker) return;
      const job = this.waiting.shift()!;
      this.busy.set(worker, job);
      worker.ref();
      worker.postMessage(job.input, job.transfer as Transferable[]);
    }
  }

  private start(): Worker {
    const worker = new Worker(this.url, { workerData: this.workerData, execArgv: compiledArguments(process.execArgv) });
    const settle = (act: (job: Job<Input, Output>) => void, reuse: boolean) => {
      const job = this.busy.get(worker);
      this.busy.delete(worker);
      if (reuse && !this.closed) {
        worker.unref();
        this.idle.push(worker);
      }
      if (job) act(job);
      this.pump();
    };
    worker.on('message', (reply: { output?: Output; error?: unknown }) => {
      settle((job) => ('error' in reply ? job.reject(revive(reply.error)) : job.resolve(reply.output as Output)), true);
    });
    worker.on('error', (error) => settle((job) => job.reject(error), false));
    worker.on('exit', (code) => {
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
      if (this.busy.has(worker)) {
        settle(
          (job) =>
            job.reject(
              new FailureError({
                who: 'worker thread',
                got: `exit ${code} in the middle of a job`,
                wanted: 'an answer',
              }),
            ),
          false,
        );
      }
    });
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends all threads; open jobs are rejected. */
  async close(): Promise<void> {
    this.closed = true;
    const closing = new FailureError({ who: 'worker pool', got: 'close', wanted: 'time to finish' });
    for (const job of this.waiting.splice(0)) job.reject(closing);
    const workers = [...this.idle.splice(0), ...this.busy.keys()];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Called in the worker's own file: answers each message with the function's result. */
export function serveWorker<Input, Output>(
  work: (input: Input) => Transferred<Output> | Promise<Transferred<Output>>,
): void {
  const port = parentPort;
  if (!port) throw new FailureError({ who: 'serveWorker', got: 'the main thread', wanted: 'a worker thread' });
  port.on('message', async (input: Input) => {
    try {
      const { output, transfer } = await work(input);
      port.postMessage({ output }, transfer as Transferable[]);
    } catch (error) {
      port.postMessage({
        error:
          error instanceof LacunaError
            ? ({ tag: error.tag, parts: error.parts, exitCode: error.exitCode } satisfies SentError)
            : error,
      });
    }
  });
}
