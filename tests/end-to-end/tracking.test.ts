import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MlflowClient, where } from 'mlflow-ts-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answeringServer } from '../mlflow/answering-server.js';
import { openProxy, type Proxy } from '../mlflow/proxy.js';
import { findPython } from '../mlflow/python.js';
import { journalOf, lacuna, newFolder, pointsOf, start, succeeds, tinySpec, trialIds, until } from './lacuna.js';

const { absent } = findPython();
if (absent !== null) console.log(`tracking is not tested: ${absent}`);

/** What a sweep is called in MLflow. */
const identityOf = (sweep: string): string =>
  (JSON.parse(readFileSync(join(sweep, 'tracking.json'), 'utf8')) as { sweep: string }).sweep;

/** The trials that a sweep's prepared comparison shows, as MLflow's page looks for them. */
async function comparedTrials(client: MlflowClient, experimentName: string, sweep: string): Promise<string[]> {
  const { experimentId, tags } = await client.getExperimentByName(experimentName);
  const view = JSON.parse(tags[`mlflow.sharedViewState.lacuna-${identityOf(sweep)}`]) as { searchFilter: string };
  const runs = await all(client.runs([experimentId], { filter: view.searchFilter }));
  return runs.map(({ data }) => data.tags['lacuna.trial']).sort();
}

/** Files below a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe.skipIf(absent !== null)('tracking while the server comes and goes', () => {
  const folder = newFolder();
  let way: Proxy;
  beforeAll(async () => {
    way = await openProxy();
  });
  afterAll(() => way.close());

  /** MLflow holds each trial once, with every point of its curves once, its parameters and its files. */
  async function expectDelivered(uri: string, experimentName: string, sweep: string) {
    const client = new MlflowClient({ trackingUri: uri });
    const experiment = await client.getExperimentByName(experimentName);
    const filter = where.tag('lacuna.sweep', '=', identityOf(sweep));
    const runs = await all(client.runs([experiment.experimentId], { filter }));
    const key = ({ data }: (typeof runs)[number]) => data.tags['lacuna.trial'];
    expect(runs.map(key).sort()).toEqual(trialIds(sweep));
    for (const run of runs) {
      const points = pointsOf(sweep, key(run));
      const { runId } = run.info;
      expect(run.info.status).toBe('FINISHED');
      for (const name of new Set(points.map((point) => point.name))) {
        const history = await all(client.metricHistory(runId, name));
        expect(history.map(({ step, value }) => [step, value]).sort((a, b) => a[0] - b[0])).toEqual(
          points.filter((point) => point.name === name).map(({ step, value }) => [step, value]),
        );
      }
      const { params } = run.data;
      const files = (await client.listArtifacts(runId)).map(({ path }) => path);
      expect(params['training.steps']).toMatch(/^\d+$/);
      expect(files).toEqual(expect.arrayContaining(['result.json', 'spec', 'test']));
      const result = JSON.parse(readFileSync(join(sweep, 'trials', key(run), 'result.json'), 'utf8')) as {
        test: { values: { psnr: number } };
      };
      expect((await all(client.metricHistory(runId, 'test/psnr'))).map(({ value }) => value)).toEqual([
        result.test.values.psnr,
      ]);
    }
  }

  /** Figures drawn from what MLflow holds are those drawn from the sweep's folder, byte for byte. */
  async function expectSameFigures(uri: string, spec: string, sweep: string) {
    const elsewhere = join(folder, 'elsewhere');
    await succeeds(folder, ['figures', '--spec', spec, '--out', sweep, '--from', 'disk']);
    const drawn = await lacuna(folder, ['figures', '--spec', spec, '--out', elsewhere, '--tracking-uri', uri]);
    expect(drawn.err).toBe('');
    expect(drawn.status).toBe(0);
    const names = readdirSync(join(sweep, 'figures')).sort();
    expect(names).toEqual(expect.arrayContaining(['panel.svg', 'panel.pdf', 'panel.png', 'training-curves.svg']));
    expect(readdirSync(join(elsewhere, 'figures')).sort()).toEqual(names);
    for (const name of names)
      expect(
        readFileSync(join(elsewhere, 'figures', name)).equals(readFileSync(join(sweep, 'figures', name))),
        name,
      ).toBe(true);
    const nothing = await lacuna(folder, [
      'figures',
      '--spec',
      spec,
      '--set',
      'evaluation.smoothing=3',
      '--out',
      join(folder, 'nowhere'),
      '--from',
      'mlflow',
      '--tracking-uri',
      uri,
    ]);
    expect(nothing.status).toBe(1);
    expect(nothing.err).toContain('no finished run of the');
  }

  const tracked = (name: string, options: { steps?: number; methods?: string; formats?: string; more?: string } = {}) =>
    tinySpec(folder, { ...options, name, more: `tracking: { experiment: ${name} }\n${options.more ?? ''}` });

  it('down from the start: the sweep goes on, all of it is delivered later', async () => {
    const uri = way.uri;
    const out = join(folder, 'away');
    const spec = tracked('away', { formats: '[pdf, png]' });
    const ended = await lacuna(folder, ['sweep', '--spec', spec, '--out', out, '--tracking-uri', uri]);
    expect(ended.status).toBe(0);
    expect(ended.out).toContain('lacuna sync');
    await way.restore((await answeringServer()).port);
    await succeeds(folder, ['sync', '--spec', spec, '--out', out, '--tracking-uri', uri]);
    await expectDelivered(uri, 'away', out);
    await expectSameFigures(uri, spec, out);
  }, 900_000);

  it('dying in the middle: nothing is lost, nothing comes twice', async () => {
    const uri = way.uri;
    const out = join(folder, 'dying');
    const spec = tracked('dying', { steps: 300, methods: '{ paired: {} }' });
    const sweep = start(folder, ['sweep', '--spec', spec, '--out', out, '--tracking-uri', uri]);
    await until(() => trialIds(out).some((id) => pointsOf(out, id).length > 40));
    await way.cut();
    expect((await sweep.ended).status).toBe(0);
    await way.restore((await answeringServer()).port);
    for (let times = 0; times < 2; times++)
      await succeeds(folder, ['sync', '--spec', spec, '--out', out, '--tracking-uri', uri]);
    await expectDelivered(uri, 'dying', out);
  }, 900_000);

  it('slow: all of it is there at the end of the sweep', async () => {
    const uri = way.uri;
    const out = join(folder, 'slow');
    const spec = tracked('slow', { methods: '{ paired: {} }' });
    way.delay(400);
    const ended = await lacuna(folder, ['sweep', '--spec', spec, '--out', out, '--tracking-uri', uri]);
    way.delay(0);
    expect(ended.status).toBe(0);
    expect(ended.out).toContain(`MLflow     ${uri}`);
    await expectDelivered(uri, 'slow', out);
  }, 900_000);

  it('a sweep that grows and shrinks compares what it plans, and writes no password anywhere', async () => {
    const { uri } = await answeringServer();
    const out = join(folder, 'growing');
    const named = uri.replace('//', '//bob:S3CRET%2Fx@');
    const run = async (methods: string): Promise<void> => {
      const spec = tracked('growing', { methods, more: `description: as at ${named}/page\n` });
      for (const given of [
        ['--tracking-uri', named],
        ['--set', `tracking.uri=${named}`],
      ]) {
        const { out: said, err } = await succeeds(folder, ['sweep', '--spec', spec, '--out', out, ...given]);
        expect(said + err).not.toMatch(/S3CRET|bob/);
        expect(said).toContain(`MLflow     ${uri}`);
      }
    };
    const client = new MlflowClient({ trackingUri: uri });
    const bicubic = 'bicubic: { regime: { kind: interpolation } }';
    await run(`{ ${bicubic} }`);
    const [first] = trialIds(out);
    expect(await comparedTrials(client, 'growing', out)).toEqual([first]);
    await run(`{ ${bicubic}, paired: {} }`);
    expect(trialIds(out)).toHaveLength(2);
    expect(await comparedTrials(client, 'growing', out)).toEqual(trialIds(out));
    await expectDelivered(uri, 'growing', out);
    await run(`{ ${bicubic} }`);
    expect(await comparedTrials(client, 'growing', out)).toEqual([first]);
    expect(filesWith(out, 'S3CRET')).toEqual([]);
    for (const file of ['spec.json', `trials/${first}/trial.json`])
      expect(statSync(join(out, file)).mode & 0o777, file).toBe(0o600);
  }, 900_000);

  it('two sweeps of one spec at once have their runs each, and every point once', async () => {
    const { uri } = await answeringServer();
    const spec = tracked('both', { methods: '{ paired: {} }' });
    const outs = ['one', 'other'].map((name) => join(folder, `both-${name}`));
    const ends = await Promise.all(
      outs.map((out, i) =>
        lacuna(folder, ['sweep', '--spec', spec, '--set', `name=both${i}`, '--out', out, '--tracking-uri', uri]),
      ),
    );
    for (const { status, out } of ends) {
      expect(status).toBe(0);
      expect(out).not.toContain('not all delivered');
    }
    expect(trialIds(outs[0])).toEqual(trialIds(outs[1]));
    const client = new MlflowClient({ trackingUri: uri });
    for (const out of outs) {
      await expectDelivered(uri, 'both', out);
      expect(await comparedTrials(client, 'both', out)).toEqual(trialIds(out));
    }
  }, 900_000);

  it('a killed trial is KILLED and not RUNNING, goes on as RUNNING; a deleted experiment is said', async () => {
    const { uri } = await answeringServer();
    const out = join(folder, 'killed');
    const spec = tracked('killed', { steps: 300, methods: '{ paired: {} }' });
    const command = ['--spec', spec, '--out', out, '--tracking-uri', uri];
    const sweep = start(folder, ['sweep', ...command]);
    await until(() => trialIds(out).some((id) => pointsOf(out, id).length > 40));
    const trial = journalOf(out).findLast(({ pid }) => pid !== undefined)!.pid!;
    sweep.child.kill('SIGKILL');
    process.kill(trial, 'SIGKILL');
    await sweep.ended;
    await succeeds(folder, ['sync', ...command]);
    const client = new MlflowClient({ trackingUri: uri });
    const { experimentId } = await client.getExperimentByName('killed');
    const state = async () => (await all(client.runs([experimentId]))).map(({ info }) => info.status);
    expect(await state()).toEqual(['KILLED']);
    await succeeds(folder, ['sweep', ...command]);
    await expectDelivered(uri, 'killed', out);

    await client.deleteExperiment(experimentId);
    const refused = await lacuna(folder, ['sync', ...command]);
    expect(refused.status).toBe(1);
    expect(refused.out).toContain('got the experiment "killed", which is deleted there');
    expect(refused.out).toContain(`mlflow experiments restore --experiment-id ${experimentId}`);
  }, 900_000);
});
