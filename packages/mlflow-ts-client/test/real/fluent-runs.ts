import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startRun, type SpoolEvent } from '../../src/index.js';
import { python } from '../support/python.js';
import type { Place } from './place.js';

/** What `readback.py` prints of a run. */
interface ReadBack {
  readonly histories: Record<string, [number, string, number][]>;
  readonly artifacts: Record<string, [number, string]>;
  readonly params: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly status: string;
  readonly name: string;
  readonly user: string;
  readonly stage: string;
  readonly ended: boolean;
  readonly datasets: unknown;
  readonly tables: unknown;
  readonly models: unknown;
  readonly 'model files': unknown;
  readonly flavors: unknown;
}

/** What runs log through the spool, as the server and Python hold it. */
export function testFluentRuns(place: () => Place): void {
  it('what the fluent run logs, Python reads back, every field, as it would have written it', async () => {
    const events: SpoolEvent[] = [];
    const run = await startRun({
      trackingUri: place().uri,
      spoolDir: path.join(place().dir, 'spool'),
      experimentName: 'fluent',
      runName: 'all',
      tags: { team: 'x' },
      params: { lr: 1e-4, nested: { a: [1] } },
      onEvent: (event) => events.push(event),
      env: {},
    });
    for (let step = 0; step < 1500; step++)
      run.logMetric('train/loss', 1 / (step + 1), { step, timestamp: 1000 + step });
    run.logMetrics({ bad: NaN, high: Infinity, low: -Infinity }, { timestamp: 5 });
    run.logParam('long', 'ü'.repeat(7000));
    run.note('# Title');
    await run.logText('text', 'notes/a.txt');
    void run.logBytes(new Uint8Array(100_000).fill(7), 'blob.bin');
    void run.logTable({ method: ['a', 'b'], psnr: [30.5, 31.5] }, 'tables/scores.json');
    void run.logTable([{ x: 1 }, { x: 2 }], 'tables/x.json');
    void run.logFigure('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'figures/curve.svg');
    void run.logFigure(Uint8Array.of(0x25, 0x50, 0x44, 0x46), 'figures/curve.pdf');
    await run.logImage(
      'test/sr',
      { data: new Uint8Array(32 * 32 * 3).fill(99), width: 32, height: 32, channels: 3 },
      { step: 5, timestamp: 77 },
    );
    run.logInput({
      name: 'dentin',
      digest: 'abc',
      sourceType: 'local',
      source: '{"uri": "/d"}',
      schema: '{"s": 1}',
      profile: '{"n": 2}',
      context: 'training',
    });
    void run.logDict({ a: [1, 2] }, 'notes/a.json');
    void run.logModel({
      name: 'edsr',
      files: { 'model.onnx': new Uint8Array(50_000) },
      params: { depth: 8 },
      tags: { kind: 'sr' },
      flavors: { onnx: { data: 'model.onnx' } },
      step: 9,
    });
    const report = await run.end('FINISHED', { timeoutMs: 60_000 });
    expect(report).toMatchObject({ delivered: true, rejected: 0, pendingBytes: 0, error: undefined });
    expect(events.filter((event) => event.type === 'rejected')).toEqual([]);

    const { stdout } = await promisify(execFile)(
      python!,
      [
        fileURLToPath(new URL('../python/readback.py', import.meta.url)),
        place().uri,
        report.runId!,
        fs.mkdtempSync(path.join(place().dir, 'py-')),
      ],
      { maxBuffer: 1 << 26, env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' } },
    );
    const { ours, theirs } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { ours: ReadBack; theirs: ReadBack };
    expect(ours.histories['train/loss']).toEqual(
      Array.from({ length: 1500 }, (_, step) => [step, expect.any(String), 1000 + step]),
    );
    expect(ours.histories['train/loss'].every(([step, value]) => Number(value) === 1 / (step + 1))).toBe(true);
    expect(ours.histories).toEqual(theirs.histories);
    expect(ours.params['long']).toMatch(/whole in artifact params\/long\.txt\)$/);
    expect(ours.artifacts['params/long.txt'][0]).toBe(14_000);
    expect(ours.artifacts['blob.bin'][0]).toBe(100_000);
    for (const file of ['notes/a.txt', 'figures/curve.svg', 'figures/curve.pdf'])
      expect(ours.artifacts[file], file).toEqual(theirs.artifacts[file]);
    expect(
      Object.keys(ours.artifacts)
        .filter((file) => !['params/long.txt', 'blob.bin'].includes(file))
        .sort(),
    ).toEqual(Object.keys(theirs.artifacts).sort());
    const { long: _, ...params } = ours.params;
    expect(params).toEqual(theirs.params);
    for (const name of [
      'team',
      'mlflow.runName',
      'mlflow.note.content',
      'mlflow.loggedImages',
      'mlflow.user',
      'mlflow.source.type',
    ])
      expect(ours.tags[name], name).toBe(theirs.tags[name]);
    expect(JSON.parse(ours.tags['mlflow.loggedArtifacts'])).toEqual(JSON.parse(theirs.tags['mlflow.loggedArtifacts']));
    for (const field of [
      'status',
      'name',
      'user',
      'stage',
      'ended',
      'datasets',
      'tables',
      'models',
      'model files',
      'flavors',
    ] as const)
      expect(ours[field], field).toEqual(theirs[field]);
    expect(ours).toMatchObject({
      status: 'FINISHED',
      models: [{ name: 'edsr', step: 9, 'of this run': true }],
      'model files': [{ 'model.onnx': 50_000 }],
    });
  });

  it('a run that goes on without its spool adds to the list of its tables', async () => {
    const options = { trackingUri: place().uri, experimentName: 'tables', env: {} };
    const first = await startRun({ ...options, spoolDir: path.join(place().dir, 'tables-1') });
    void first.logTable({ x: [1] }, 'a.json');
    void first.logTable({ x: [2] }, 'b.json');
    const { runId } = await first.end();
    const second = await startRun({ ...options, spoolDir: path.join(place().dir, 'tables-2'), runId });
    void second.logTable({ x: [3] }, 'b.json');
    void second.logTable({ x: [4] }, 'c.json');
    expect(await second.end()).toMatchObject({ delivered: true, rejected: 0 });
    const { data } = await place().client.getRun(runId!);
    expect(JSON.parse(data.tags['mlflow.loggedArtifacts'])).toEqual(
      ['a.json', 'b.json', 'c.json'].map((name) => ({ path: name, type: 'table' })),
    );
    expect(JSON.parse(Buffer.from(await place().client.readArtifact(runId!, 'b.json')).toString())).toEqual({
      columns: ['x'],
      data: [[3]],
    });
  });
}
