import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type AddressInfo } from 'node:net';
import { MlflowClient } from 'mlflow-ts-client';
import { afterAll, describe, expect, it } from 'vitest';
import { findPython } from './python.js';
import { startServer, type Server } from './server.js';
import { lacuna, newFolder, pointsOf, start, tinySpec, trialIds, until } from './lacuna.js';

const { python, absent } = findPython();
if (absent !== null) console.log(`tracking is not tested: ${absent}`);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe.skipIf(absent !== null)('tracking while the server comes and goes', () => {
  const folder = newFolder(), store = join(folder, 'mlflow');
  let server: Server | null = null;
  afterAll(() => server?.kill());

  /** MLflow holds each trial once, with every point of its curves once, its parameters and its files. */
  async function expectDelivered(uri: string, experimentName: string, sweep: string) {
    const client = new MlflowClient({ trackingUri: uri });
    const experiment = await client.getExperimentByName(experimentName);
    const runs = await all(client.runs([experiment!.experimentId]));
    const key = ({ data }: (typeof runs)[number]) => data.tags['lacuna.trial'];
    expect(runs.map(key).sort()).toEqual(trialIds(sweep));
    for (const run of runs) {
      const points = pointsOf(sweep, key(run)!), { runId } = run.info;
      expect(run.info.status).toBe('FINISHED');
      for (const name of new Set(points.map((point) => point.name))) {
        const history = await all(client.metricHistory(runId, name));
        expect(history.map(({ step, value }) => [step, value]).sort((a, b) => a[0]! - b[0]!)).toEqual(points.filter((point) => point.name === name).map(({ step, value }) => [step, value]));
      }
      const { params } = run.data, files = (await client.listArtifacts(runId)).map(({ path }) => path);
      expect(params['training.steps']).toMatch(/^\d+$/);
      expect(files).toEqual(expect.arrayContaining(['result.json', 'spec', 'test']));
      const result = JSON.parse(readFileSync(join(sweep, 'trials', key(run)!, 'result.json'), 'utf8')) as { test: { values: { psnr: number } } };
      expect((await all(client.metricHistory(runId, 'test/psnr'))).map(({ value }) => value)).toEqual([result.test.values.psnr]);
    }
  }

  /** Figures drawn from what MLflow holds are those drawn from the sweep's folder, byte for byte. */
  async function expectSameFigures(uri: string, spec: string, sweep: string) {
    const elsewhere = join(folder, 'elsewhere');
    expect((await lacuna(folder, ['figures', '--spec', spec, '--out', sweep, '--from', 'disk'])).status).toBe(0);
    const drawn = await lacuna(folder, ['figures', '--spec', spec, '--out', elsewhere, '--tracking-uri', uri]);
    expect(drawn.err).toBe('');
    expect(drawn.status).toBe(0);
    const names = readdirSync(join(sweep, 'figures')).sort();
    expect(names).toEqual(expect.arrayContaining(['panel.svg', 'panel.pdf', 'panel.png', 'training-curves.svg']));
    expect(readdirSync(join(elsewhere, 'figures')).sort()).toEqual(names);
    for (const name of names) expect(readFileSync(join(elsewhere, 'figures', name)).equals(readFileSync(join(sweep, 'figures', name))), name).toBe(true);
    const nothing = await lacuna(folder, ['figures', '--spec', spec, '--set', 'training.steps=7', '--out', join(folder, 'nowhere'), '--from', 'mlflow', '--tracking-uri', uri]);
    expect(nothing.status).toBe(1);
    expect(nothing.err).toContain('no finished run of the');
  }

  it('down from the start and dying in the middle: sweeps go on, nothing is lost, nothing comes twice', async () => {
    mkdirSync(store);
    const port = await freePort(), uri = `http://127.0.0.1:${port}`;
    const away = join(folder, 'away'), dying = join(folder, 'dying');
    const spec = tinySpec(folder, { name: 'away', more: 'tracking: { experiment: away }\n' });
    const ended = await lacuna(folder, ['sweep', '--spec', spec, '--out', away, '--tracking-uri', uri]);
    expect(ended.status).toBe(0);
    expect(ended.out).toContain('lacuna sync');

    server = await startServer(python, store, port);
    expect((await lacuna(folder, ['sync', '--spec', spec, '--out', away, '--tracking-uri', uri])).status).toBe(0);
    await expectDelivered(uri, 'away', away);
    await expectSameFigures(uri, spec, away);

    const other = tinySpec(folder, { name: 'dying', steps: 300, methods: '{ paired: {} }', more: 'tracking: { experiment: dying }\n' });
    const sweep = start(folder, ['sweep', '--spec', other, '--out', dying, '--tracking-uri', uri]);
    await until(() => trialIds(dying).some((id) => pointsOf(dying, id).length > 40));
    await server.kill();
    expect((await sweep.ended).status).toBe(0);
    server = await startServer(python, store, port);
    for (let times = 0; times < 2; times++) expect((await lacuna(folder, ['sync', '--spec', other, '--out', dying, '--tracking-uri', uri])).status).toBe(0);
    await expectDelivered(uri, 'dying', dying);
    await expectDelivered(uri, 'away', away);
  }, 900_000);
});
