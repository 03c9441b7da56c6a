import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FailureError, InputError } from '@lacuna/core';
import { FailureReason } from '../executor/failure-reason.js';
import type { SearchSpec } from './search-spec.js';

/** A value as Optuna keeps it; what is neither text nor number stands as JSON. */
export type Label = string | number | boolean | null;

/** What Optuna chose, by field; `method` where there are several. */
export type Labels = Readonly<Record<string, Label>>;

/** A dimension as Optuna is told of it. */
export interface StudyDimension {
  readonly name: string;
  readonly kind: 'float' | 'int' | 'choice';
  readonly low?: number;
  readonly high?: number;
  readonly step?: number | null;
  readonly log?: boolean;
  readonly choices?: readonly Label[];
  /** The methods under which it exists; null for all. */
  readonly methods: readonly string[] | null;
}

/** What makes a study. */
export interface StudyOptions {
  /** The interpreter that has Optuna. */
  readonly python: string;
  /** The journal file, which `optuna-dashboard` opens. */
  readonly path: string;
  readonly name: string;
  readonly spec: SearchSpec;
  readonly dimensions: readonly StudyDimension[];
  /** The method, where there is only one. */
  readonly method: string;
  /** Points that come first. */
  readonly first: readonly Labels[];
  /** Digest of all that makes scores comparable: a study of another one is not gone on with. */
  readonly settings: string;
}

/** A trial of the study, which is a point with all its seeds. */
export interface StudyTrial {
  readonly number: number;
  readonly state: 'RUNNING' | 'COMPLETE' | 'PRUNED' | 'FAIL';
  readonly point: Labels;
}

/** How a point ended. */
export type StudyEnd =
  | { readonly state: 'complete'; readonly values: readonly number[] }
  | { readonly state: 'pruned' | 'fail'; readonly reason: string };

const script = fileURLToPath(new URL('../../python/optuna_study.py', import.meta.url));

interface OpenAnswer {
  readonly changed?: true;
  readonly trials: readonly StudyTrial[];
}

/** A study of Optuna in a Python process, asked and told over a pipe; one request at a time. */
export class Study {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;
  private readonly output = new FailureReason();
  private readonly exited: Promise<void>;
  private readonly python: string;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(python: string) {
    this.python = python;
    // A group of its own: Ctrl-C in the terminal reaches the sweep alone; Python ends with its input.
    this.child = spawn(python, [script], { stdio: 'pipe', detached: true });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.child.stderr.on('data', (chunk: Buffer) => this.output.add(chunk));
    this.exited = new Promise((resolve) => {
      this.child.on('error', ({ message }) => {
        this.output.add(Buffer.from(`${message}\n`));
        resolve();
      });
      this.child.on('close', () => resolve());
    });
    // What is written to a process that has died is said by the answer that does not come.
    this.child.stdin.on('error', () => undefined);
  }

  /**
   * Makes a study, or goes on with the one that lies there.
   * @returns it, and the trials that it knows.
   * @throws {InputError} where Python lacks what the sampler needs, or the study is one of other settings.
   */
  static async open(options: StudyOptions): Promise<{ study: Study; trials: readonly StudyTrial[] }> {
    const { spec, path, name, dimensions, method, first, settings } = options;
    const study = new Study(options.python);
    try {
      const directions = [...spec.maximise.map(() => 'maximize'), ...spec.minimise.map(() => 'minimize')];
      const { kind, seed, startup, population } = spec;
      const { changed, trials } = await study.request<OpenAnswer>({
        do: 'open',
        path,
        name,
        directions,
        sampler: { kind, seed, startup, population },
        prune: spec.prune ? { most: 'auto', ...spec.prune } : null,
        dimensions,
        method,
        first,
        settings,
      });
      if (changed) throw changedStudy(path);
      return { study, trials };
    } catch (error) {
      await study.close();
      throw error;
    }
  }

  /** The next point. */
  ask(): Promise<{ readonly number: number; readonly point: Labels }> {
    return this.request({ do: 'ask' });
  }

  /** Tells scores by step. @returns whether the pruner ends the trial. */
  async report(number: number, values: readonly (readonly [step: number, value: number])[]): Promise<boolean> {
    const { prune } = await this.request<{ prune: boolean }>({ do: 'report', number, values });
    return prune;
  }

  /** Tells how a point ended. @param notes are kept beside it. */
  async tell(number: number, end: StudyEnd, notes: Readonly<Record<string, unknown>>): Promise<void> {
    const { state } = end;
    const reason = end.state === 'complete' ? {} : { reason: end.reason };
    const values = end.state === 'complete' ? end.values : null;
    await this.request({ do: 'tell', number, state, values, notes: { ...notes, ...reason } });
  }

  /** Shares of the fields in what makes points good (PED-ANOVA, arXiv 2304.10255), for each objective; [] for few. */
  async importances(): Promise<readonly Readonly<Record<string, number>>[]> {
    const { importances } = await this.request<{ importances: Readonly<Record<string, number>>[] }>({
      do: 'importances',
    });
    return importances;
  }

  /** Ends the process, once it has answered. */
  async close(): Promise<void> {
    this.child.stdin.end();
    await this.exited;
  }

  private request<T>(request: object): Promise<T> {
    const answer = this.last.then(() => this.send<T>(request));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  private async send<T>(request: object): Promise<T> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.answers.next();
    if (done) {
      await this.exited;
      throw new FailureError({
        who: `Optuna (${this.python})`,
        got: `a process that ended: ${this.output.text() ?? 'no output'}`,
        wanted: 'an answer',
        remedy: 'npm run setup brings Optuna; the search goes on where it was',
      });
    }
    const answer = JSON.parse(value) as T & { error?: string; module?: string };
    if (answer.error === undefined) return answer;
    if (answer.module !== undefined) throw missingModule(this.python, answer.module);
    throw new FailureError({ who: 'Optuna', got: answer.error, wanted: 'an answer' });
  }
}

function missingModule(python: string, module: string): InputError {
  const isTorch = module === 'torch';
  return new InputError({
    who: isTorch ? 'search.kind: gp' : 'search',
    got: `${python} without ${isTorch ? 'PyTorch' : module}`,
    wanted: isTorch ? 'PyTorch, which a Gaussian process is computed with' : 'the environment of npm run setup',
    remedy: isTorch ? `${python} -m pip install torch, or search.kind: tpe` : 'npm run setup',
  });
}

function changedStudy(path: string): InputError {
  return new InputError({
    who: path,
    got: 'a search of other settings (spec, space, objectives, seed or images)',
    wanted: 'the search of this spec, whose scores can be compared',
    remedy: 'name another folder with --out, or delete this one',
  });
}
