import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { RunStatus } from '../entities/run.js';
import { MlflowInputError, type MlflowError } from '../errors.js';
import { TABLES_TAG } from '../sender/list-tag.js';
import { markName, modelMark, type Content, type Item } from '../spool/record.js';
import type { DatasetToLog } from '../to-log.js';
import {
  checkArtifactPath,
  checkFreeName,
  checkName,
  checkStatus,
  checkStep,
  checkTimestamp,
  LIMITS,
} from '../validate.js';
import type { Delivery, DeliveryReport } from './delivery.js';
import { encodeImage, imagePaths, type ImageEncoder, type ImageToLog } from './image.js';
import { type ModelToLog, modelFiles } from './model.js';
import { metricItem, paramText, textItems, type MetricOptions, type ParamValue } from './run-items.js';
import { SystemSampler } from './system-metrics.js';
import { tableToJson, type TableData } from './table.js';

/** Contents up to this size go into the journal itself; larger ones into a file beside it. */
const INLINE_BYTES = 32 * 1024;

/**
 * A run that is logged to. Every `log...` call writes to the journal on disk and returns; delivery happens behind it.
 * Calls throw for what the caller got wrong (a bad name, a non-integer step) and for a disk that is full, never
 * because of the server.
 *
 * On a resumed run, metric points and images at steps that were logged before are passed over, so a trial that goes
 * back to its last checkpoint logs nothing twice.
 */
export class Run implements AsyncDisposable {
  private readonly delivery: Delivery;
  private readonly logged: ReadonlyMap<string, number>;
  private readonly encoder: ImageEncoder | undefined;
  private readonly working = new Set<Promise<unknown>>();
  private lastImage: Promise<unknown> = Promise.resolve();
  private readonly models = new Map<string, number>();
  private ending: Promise<DeliveryReport> | undefined;
  private sampling: NodeJS.Timeout | undefined;

  /** Use {@link startRun}. */
  constructor(delivery: Delivery, options: { logged: ReadonlyMap<string, number>; encoder?: ImageEncoder }) {
    this.delivery = delivery;
    this.logged = options.logged;
    this.encoder = options.encoder;
  }

  /** The run's own identity, known from the start; the server's tag `mlflow-ts-client.key`. */
  get key(): string {
    return this.delivery.header.key;
  }

  /** The server's id; undefined until the server was reached once. */
  get runId(): string | undefined {
    return this.delivery.sender?.state.runId ?? this.delivery.header.runId ?? this.delivery.knownRunId;
  }

  /** The experiment's id; undefined until the server was reached once. */
  get experimentId(): string | undefined {
    return this.delivery.sender?.state.experimentId;
  }

  /** Why the last delivery failed; undefined while all is well. */
  get deliveryError(): MlflowError | undefined {
    return this.delivery.sender?.lastError;
  }

  /** Whether this run was started before and goes on. */
  get resumed(): boolean {
    return this.delivery.resumed;
  }

  /** Logs one point of a metric, at step 0 unless told. */
  logMetric(key: string, value: number, options: MetricOptions = {}): void {
    const item = metricItem(key, value, options);
    if (!this.isLogged(`m:${key}`, item.s)) this.append(item);
  }

  /** Logs several metrics at one step and one time. */
  logMetrics(values: Readonly<Record<string, number>>, options: MetricOptions = {}): void {
    const timestamp = options.timestamp ?? Date.now();
    const items = Object.entries(values).map(([key, value]) => metricItem(key, value, { ...options, timestamp }));
    for (const item of items) if (!this.isLogged(`m:${item.k}`, item.s)) this.append(item);
  }

  /**
   * Logs a param. Values beyond 6,000 characters are kept whole as an artifact. The same param with another value is
   * refused by the server.
   */
  logParam(key: string, value: ParamValue): void {
    for (const item of textItems('param', key, paramText(key, value))) this.append(item);
  }

  /** Logs several params, as `logParam` does each. */
  logParams(values: Readonly<Record<string, ParamValue>>): void {
    for (const [key, value] of Object.entries(values)) this.logParam(key, value);
  }

  /** Sets a tag; the last value wins. Values beyond 8,000 characters are kept whole as an artifact. */
  setTag(key: string, value: ParamValue): void {
    for (const item of textItems('tag', key, paramText(key, value))) this.append(item);
  }

  /** Sets several tags, as `setTag` does each. */
  setTags(values: Readonly<Record<string, ParamValue>>): void {
    for (const [key, value] of Object.entries(values)) this.setTag(key, value);
  }

  /** Deletes a tag; one that is not there is no error. */
  deleteTag(key: string): void {
    checkName('deleteTag', key);
    this.append({ t: 'untag', k: key });
  }

  /** The run's description, Markdown, shown at the top of its page. */
  note(markdown: string): void {
    this.setTag('mlflow.note.content', markdown);
  }

  /** Gives the run another name. */
  rename(name: string): void {
    checkFreeName('rename', name, LIMITS.runName);
    this.append({ t: 'name', v: name });
  }

  /**
   * Logs an image for MLflow's image grid. The promise settles when it is journalled; it need not be awaited.
   * @param options.step default 0; `timestamp` in ms since 1970, default now.
   */
  logImage(key: string, image: ImageToLog, options: { step?: number; timestamp?: number } = {}): Promise<void> {
    const { step = 0, timestamp = Date.now() } = options;
    checkStep('logImage', step);
    checkTimestamp('logImage', timestamp);
    const paths = imagePaths(key, step, timestamp);
    if (this.isLogged(`i:${key}`, step)) return Promise.resolve();
    // In the order of the calls: where a later step is journalled, a resumed run takes the earlier ones for logged.
    const turn = this.lastImage;
    const work = this.work(async () => {
      const { png, webp } = await encodeImage(image, this.encoder);
      const contents = await Promise.all([this.store(png), this.store(webp)]);
      await turn;
      // The tag first: a process killed in between has journalled a tag too early, never an image that the UI does
      // not look for.
      this.append({ t: 'tag', k: 'mlflow.loggedImages', v: 'True' });
      // Both files in one record: half an image would hide the run's other images.
      this.append({
        t: 'artifact',
        path: paths.png,
        content: contents[0],
        step: [`i:${key}`, step],
        pair: { path: paths.webp, content: contents[1] },
      });
    });
    this.lastImage = Promise.allSettled([turn, work]);
    return work;
  }

  /**
   * Copies a local file into the spool and logs it.
   * @param artifactPath folder among the artifacts. The promise settles when it is journalled; it need not be
   * awaited.
   */
  logArtifact(localPath: string, artifactPath?: string): Promise<void> {
    const name = path.basename(localPath);
    return this.logArtifactAs(localPath, artifactPath === undefined ? name : `${artifactPath}/${name}`);
  }

  /** Like `logArtifact`, under a whole path of its own. */
  logArtifactAs(localPath: string, artifactFile: string): Promise<void> {
    checkArtifactPath('logArtifact', artifactFile);
    return this.work(async () =>
      this.append({ t: 'artifact', path: artifactFile, content: await this.storeFile(localPath) }),
    );
  }

  /** Logs bytes under a path among the artifacts. Small ones are journalled before this returns. */
  logBytes(bytes: Uint8Array, artifactFile: string): Promise<void> {
    checkArtifactPath('logBytes', artifactFile);
    return this.logContent(bytes, artifactFile);
  }

  /** Logs a text as an artifact (UTF-8). Resolves once it is journalled. */
  logText(text: string, artifactFile: string): Promise<void> {
    return this.logBytes(Buffer.from(text), artifactFile);
  }

  /** Logs a value as indented JSON. */
  logDict(value: unknown, artifactFile: string): Promise<void> {
    return this.logText(JSON.stringify(value, null, 2), artifactFile);
  }

  /** Logs a figure that is drawn already: SVG or HTML text, or the bytes of a PNG or PDF. */
  logFigure(figure: string | Uint8Array, artifactFile: string): Promise<void> {
    return typeof figure === 'string' ? this.logText(figure, artifactFile) : this.logBytes(figure, artifactFile);
  }

  /**
   * Logs a table for MLflow's table view; the file's name should end in .json. The same file again is replaced:
   * Python's `log_table` adds rows to it, which an attempt repeated after a failure would add twice.
   */
  logTable(table: TableData, artifactFile: string): Promise<void> {
    checkArtifactPath('logTable', artifactFile);
    const text = tableToJson(table);
    const done = this.logContent(Buffer.from(text), artifactFile);
    this.setTag(TABLES_TAG, JSON.stringify([{ path: artifactFile, type: 'table' }]));
    return done;
  }

  /** Logs datasets that the run reads, and models that it starts from. */
  logInputs(datasets: readonly DatasetToLog[], modelIds: readonly string[] = []): void {
    for (const { name, digest } of datasets) {
      if (name === '' || digest === '' || digest.length > 36)
        throw new MlflowInputError({
          who: 'logInputs',
          got: `name "${name}", digest "${digest}"`,
          wanted: 'a name, and a digest of 1 to 36 characters',
          remedy: 'Shorten the digest: MLflow refuses longer ones.',
        });
    }
    this.append({ t: 'inputs', datasets, modelIds });
  }

  /** Says that the run read a dataset. */
  logInput(dataset: DatasetToLog): void {
    this.logInputs([dataset]);
  }

  /**
   * Logs a model: MLflow's `LoggedModel`, its files, and the link from this run. The server gives its id when it is
   * reached. The promise settles when it is journalled. On a resumed run, a model of that name and step that was
   * logged before is passed over.
   */
  logModel(model: ModelToLog): Promise<void> {
    const step = model.step ?? 0;
    checkStep('logModel', step);
    if (this.logged.has(modelMark(model.name, step))) return Promise.resolve();
    // The same after a kill, so that a model half logged is gone on with; another one for the same name and step again.
    const before = this.models.get(modelMark(model.name, step)) ?? 0;
    this.models.set(modelMark(model.name, step), before + 1);
    const id = createHash('sha256')
      .update(JSON.stringify([this.key, model.name, step, before]))
      .digest('hex')
      .slice(0, 32);
    return this.work(async () => {
      const files = await Promise.all(
        (await modelFiles(model)).map(async ({ artifactPath, source }) => {
          checkArtifactPath('logModel', artifactPath);
          return {
            path: artifactPath,
            content: typeof source === 'string' ? await this.storeFile(source) : await this.store(source),
          };
        }),
      );
      const params = Object.fromEntries(
        Object.entries(model.params ?? {}).map(([key, value]) => [key, paramText(key, value)]),
      );
      this.append({ t: 'model', id, name: model.name, modelType: model.modelType, params, tags: model.tags ?? {} });
      for (const file of files) this.append({ t: 'artifact', ...file, model: id });
      this.append({ t: 'model-ready', id, name: model.name, step });
    });
  }

  /**
   * Journals that something is complete, after everything logged so far: a beginning of several calls, for one, which a
   * killed process may have left half done. `resumed` says that a run was begun, a mark that it was begun in full.
   *
   *     if (!run.hasMark('opening')) {
   *       run.logParams(params);
   *       await run.logImage('hr', image);
   *       await run.mark('opening');
   *     }
   *
   * @throws what a call failed with whose work is not finished yet: then there is no mark.
   */
  async mark(name: string): Promise<void> {
    await Promise.all([...this.working]);
    this.append({ t: 'mark', name });
  }

  /** Whether an earlier process of this run journalled the mark. */
  hasMark(name: string): boolean {
    return this.logged.has(markName(name));
  }

  /** Samples CPU, memory, GPU and power every `intervalMs` until the run ends. */
  startSystemMetrics(intervalMs = 10_000): void {
    if (this.sampling !== undefined) return;
    const sampler = new SystemSampler();
    let step = (this.logged.get('m:system/cpu_utilization_percentage') ?? -1) + 1;
    this.sampling = setInterval(
      () =>
        void this.work(async () => {
          const sample = await sampler.sample();
          if (this.ending === undefined) this.logMetrics(sample, { step: step++ });
        }),
      intervalMs,
    );
    this.sampling.unref();
  }

  /** Waits until everything logged so far is journalled, on the disk, and delivered, or until the time is over. */
  async flush(options: { timeoutMs?: number } = {}): Promise<DeliveryReport> {
    await Promise.allSettled([...this.working]);
    return this.delivery.flush(options.timeoutMs ?? 30_000);
  }

  /**
   * Ends the run: journals the end, forces it to the disk, and waits for delivery for at most `timeoutMs` (default 10
   * s). What is not delivered then stays in the spool for `syncSpools`. Ending twice is ending once.
   */
  end(status: RunStatus = 'FINISHED', options: { timeoutMs?: number } = {}): Promise<DeliveryReport> {
    checkStatus('end', status);
    this.ending ??= this.close({ t: 'end', status, at: Date.now() }, options.timeoutMs ?? 10_000);
    return this.ending;
  }

  /** Leaves the run without ending it, to be resumed later; what is journalled is kept. */
  async suspend(options: { timeoutMs?: number } = {}): Promise<DeliveryReport> {
    this.ending ??= this.close(undefined, options.timeoutMs ?? 10_000);
    return this.ending;
  }

  /** Ends as FINISHED unless ended already. Use {@link withRun} to end as FAILED where the block throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ending === undefined) await this.end();
    else await this.ending;
  }

  private async close(item: Item | undefined, timeoutMs: number): Promise<DeliveryReport> {
    clearInterval(this.sampling);
    await Promise.allSettled([...this.working]);
    return this.delivery.close(item, timeoutMs);
  }

  private isLogged(name: string, step: number): boolean {
    const logged = this.logged.get(name);
    return logged !== undefined && step <= logged;
  }

  private append(item: Item): void {
    this.delivery.append(item);
  }

  private logContent(bytes: Uint8Array, artifactFile: string): Promise<void> {
    if (bytes.length <= INLINE_BYTES) {
      this.append({ t: 'artifact', path: artifactFile, content: inline(bytes) });
      return Promise.resolve();
    }
    return this.work(async () => this.append({ t: 'artifact', path: artifactFile, content: await this.store(bytes) }));
  }

  /** Work that `end` waits for. Its failure is the caller's to see; unseen, it must not end the process. */
  private work(task: () => Promise<void>): Promise<void> {
    const work = task();
    this.working.add(work);
    work.then(
      () => this.working.delete(work),
      () => this.working.delete(work),
    );
    return work;
  }

  private async store(bytes: Uint8Array): Promise<Content> {
    if (bytes.length <= INLINE_BYTES) return inline(bytes);
    const file = randomUUID();
    await fs.promises.writeFile(await this.filePath(file), bytes);
    return { file, size: bytes.length };
  }

  private async storeFile(localPath: string): Promise<Content> {
    const handle = await fs.promises.open(localPath);
    let size: number;
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(INLINE_BYTES + 1), 0, INLINE_BYTES + 1, 0);
      if (bytesRead <= INLINE_BYTES) return inline(buffer.subarray(0, bytesRead));
      size = (await handle.stat()).size;
    } finally {
      await handle.close();
    }
    const file = randomUUID();
    await fs.promises.copyFile(localPath, await this.filePath(file), fs.constants.COPYFILE_FICLONE);
    return { file, size };
  }

  private async filePath(name: string): Promise<string> {
    const folder = path.join(this.delivery.folder, 'files');
    await fs.promises.mkdir(folder, { recursive: true });
    return path.join(folder, name);
  }
}

function inline(bytes: Uint8Array): Content {
  return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') };
}
