import { fileURLToPath, pathToFileURL } from 'node:url';
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
 * A thread that runs one function on many inputs, one after the other, in the order in which they were given.
 *
 * A thread that dies fails its job and is replaced for the next one. It does not keep the process alive once no job is
 * open.
 */
export class WorkerThread<Input, Output> implements AsyncDisposable {
  private readonly url: URL;
  private readonly workerData: unknown;
  private readonly waiting: Job<Input, Output>[] = [];
  private worker: Worker | undefined;
  private current: Job<Input, Output> | undefined;
  private closed = false;

  /** @param options.workerData what the worker's file finds under that name in `node:worker_threads`. */
  constructor(url: URL, options: { workerData?: unknown } = {}) {
    this.url = url;
    this.workerData = options.workerData;
  }

  /**
   * @param transfer buffers that move to the thread instead of being copied.
   * @throws {FailureError} where the thread dies, or was closed; what the function threw, as it is.
   */
  run(input: Input, transfer: readonly Transferable[] = []): Promise<Output> {
    if (this.closed)
      return Promise.reject(
        new FailureError({ who: 'worker thread', got: 'a job after close', wanted: 'jobs before close' }),
      );
    return new Promise((resolve, reject) => {
      this.waiting.push({ input, transfer, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.current || this.closed) return;
    const job = this.waiting.shift();
    if (!job) return;
    this.current = job;
    this.worker ??= this.start();
    this.worker.ref();
    this.worker.postMessage(job.input, job.transfer as Transferable[]);
  }

  private start(): Worker {
    const worker = new Worker(this.url, { workerData: this.workerData, execArgv: compiledArguments(process.execArgv) });
    worker.on('message', (reply: { output?: Output; error?: unknown }) => {
      worker.unref();
      this.settle((job) => ('error' in reply ? job.reject(revive(reply.error)) : job.resolve(reply.output as Output)));
    });
    worker.on('error', (error) => {
      this.worker = undefined;
      this.settle((job) => job.reject(error));
    });
    worker.on('exit', (code) => {
      // After an error the job has failed already, and the next one has a thread of its own.
      if (this.worker !== worker) return;
      this.worker = undefined;
      const got = `exit ${code} in the middle of a job`;
      this.settle((job) => job.reject(new FailureError({ who: 'worker thread', got, wanted: 'an answer' })));
    });
    return worker;
  }

  /** Ends the current job, where there is one, and begins the next. */
  private settle(act: (job: Job<Input, Output>) => void): void {
    const job = this.current;
    this.current = undefined;
    if (job) act(job);
    this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Ends the thread; open jobs are rejected. */
  async close(): Promise<void> {
    this.closed = true;
    const closing = new FailureError({ who: 'worker thread', got: 'close', wanted: 'time to finish' });
    for (const job of this.waiting.splice(0)) job.reject(closing);
    await this.worker?.terminate();
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
