import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { journalOf, lacuna, newFolder, pointsOf, start, succeeds, tinySpec, trialIds, until } from './lacuna.js';

describe('the same spec and seed', () => {
  const folder = newFolder();
  let spec: string;
  let id: string;
  const command = (out: string) => ['sweep', '--spec', spec, '--out', join(folder, out), '--no-tracking'];
  const weights = (out: string) =>
    ['best', 'last'].map((name) => readFileSync(join(folder, out, 'trials', id, 'checkpoints', `${name}.safetensors`)));
  const steps = (out: string) => pointsOf(join(folder, out), id);
  /** Nothing of the uninterrupted run is missing, nothing is there twice, and every value is the same. */
  const expectSame = (out: string) => {
    expect(weights(out).map((file, i) => file.equals(weights('whole')[i]))).toEqual([true, true]);
    const plain = (name: string) => steps(name).map(({ name: metric, step, value }) => `${metric} ${step} ${value}`);
    expect(plain(out)).toEqual(plain('whole'));
    expect(new Set(steps(out).map(({ name, step }) => `${name} ${step}`)).size).toBe(steps(out).length);
  };

  beforeAll(async () => {
    spec = tinySpec(folder, { steps: 240, methods: '{ paired: {} }' });
    await succeeds(folder, command('whole'));
    [id] = trialIds(join(folder, 'whole')) as [string];
  });

  it('give the same weights after a killed trial, a killed sweep that is begun again at once, and Ctrl-C', async () => {
    const out = 'interrupted';
    const sweep = join(folder, out);
    const running = async (step: number) => {
      const begun = start(folder, command(out));
      await until(() => steps(out).some((point) => point.step >= step));
      return begun;
    };
    let begun = await running(34);
    process.kill(journalOf(sweep).findLast(({ state }) => state === 'running')!.pid!, 'SIGKILL');
    let ended = await begun.ended;
    expect(ended.status).toBe(1);
    expect(ended.out).toContain('killed by SIGKILL');

    begun = await running(78);
    begun.child.kill('SIGKILL');
    await begun.ended;

    // Its trial still writes a last checkpoint while the next sweep begins.
    begun = await running(130);
    // Twice at once, as npm and nx pass a terminal's Ctrl-C on: one press.
    for (let times = 0; times < 2; times++) begun.child.kill('SIGINT');
    ended = await begun.ended;
    expect(ended.status).toBe(130);
    expect(ended.out).toContain('To go on: npx lacuna sweep tiny.yaml');
    expect(existsSync(join(sweep, 'trials', id, 'result.json'))).toBe(false);
    expect(journalOf(sweep).at(-1)).toMatchObject({ state: 'interrupted' });
    expect(journalOf(sweep).at(-1)).not.toHaveProperty('reason');

    await succeeds(folder, command(out));
    expectSame(out);
  });

  it('also after both checkpoints were damaged: it begins again and says so', async () => {
    const out = 'damaged';
    const sweep = join(folder, out);
    const begun = start(folder, command(out));
    await until(() => steps(out).some((point) => point.step >= 30));
    process.kill(journalOf(sweep).findLast(({ state }) => state === 'running')!.pid!, 'SIGKILL');
    await begun.ended;
    for (const name of ['last', 'previous'])
      writeFileSync(join(sweep, 'trials', id, 'checkpoints', `${name}.safetensors`), 'no checkpoint');
    const ended = await lacuna(folder, command(out));
    expect(ended.status).toBe(0);
    expect(ended.out).toContain('paired  both checkpoints are damaged: begins again at step 0\n');
    const log = readFileSync(join(sweep, 'trials', id, 'log.txt'), 'utf8');
    const damaged = [
      'last\\.safetensors: got .*, wanted a whole safetensors file of float32 arrays',
      '.*previous\\.safetensors: got .*',
      'both checkpoints are damaged: begins again at step 0',
    ];
    expect(log).toMatch(new RegExp(damaged.map((line) => `${line}\n`).join('')));
    expect(log).not.toMatch(/oneDNN|absl::InitializeLog/);
    expectSame(out);
  });
});

it('a trial that follows others in their process ends as one that has a process of its own', async () => {
  const folder = newFolder();
  const spec = tinySpec(folder, { seeds: '[1, 0]' });
  const run = (out: string, ...more: readonly string[]) =>
    succeeds(folder, ['sweep', '--spec', spec, '--out', join(folder, out), '--no-tracking', '--workers', '1', ...more]);
  await run('followed');
  await run('first', '--only', 'paired', '--set', 'seeds=[0, 1]');
  const begun = (out: string) => journalOf(join(folder, out)).filter(({ state }) => state === 'running');
  const { trial: id } = begun('first')[0];
  const { pid, trial } = begun('followed').at(-1)!;
  expect(trial).toBe(id);
  expect(begun('followed').map((entry) => entry.pid)).toEqual([pid, pid, pid, pid]);
  const file = (out: string, ...path: readonly string[]) => readFileSync(join(folder, out, 'trials', id, ...path));
  for (const name of ['best.safetensors', 'last.safetensors'])
    expect(file('followed', 'checkpoints', name).equals(file('first', 'checkpoints', name))).toBe(true);
  const { validation, test, testOwnLevel } = JSON.parse(file('first', 'result.json').toString()) as Record<
    string,
    unknown
  >;
  expect(JSON.parse(file('followed', 'result.json').toString())).toMatchObject({ validation, test, testOwnLevel });
  expect(file('followed', 'log.txt').toString()).toBe(file('first', 'log.txt').toString());
});

/** The regime with the most state: two generators, two discriminators, four optimisers' moments, two image pools. */
it('a killed CycleGAN goes on to the same weights, byte by byte', async () => {
  const folder = newFolder();
  const methods =
    '{ cyclegan: { model: { name: resnet-generator, blocks: 1, filters: 4, grid: lr, skip: true }, regime: { ' +
    'kind: unpaired, poolSize: 4, backward: { kind: learned, blocks: 1, filters: 4 }, discriminator: { ' +
    'layers: 1, filters: 4, norm: instance } } } }';
  const spec = tinySpec(folder, { name: 'gan', steps: 60, methods });
  const command = (out: string) => ['sweep', '--spec', spec, '--out', join(folder, out), '--no-tracking'];
  const whole = await lacuna(folder, command('whole'));
  expect(whole.status, whole.out).toBe(0);
  const [id] = trialIds(join(folder, 'whole')) as [string];
  const begun = start(folder, command('killed'));
  await until(() => pointsOf(join(folder, 'killed'), id).some((point) => point.step >= 24));
  process.kill(journalOf(join(folder, 'killed')).findLast(({ state }) => state === 'running')!.pid!, 'SIGKILL');
  expect((await begun.ended).out).toContain('killed by SIGKILL');
  await succeeds(folder, command('killed'));
  const weights = (out: string) => readFileSync(join(folder, out, 'trials', id, 'checkpoints', 'last.safetensors'));
  expect(weights('killed').equals(weights('whole'))).toBe(true);
  // HR and LR of one place never met, and the report says so.
  expect(readFileSync(join(folder, 'whole', 'report.html'), 'utf8')).toMatch(
    /training data of cyclegan<\/dt><dd>[^<]*no place is in both/,
  );
});
