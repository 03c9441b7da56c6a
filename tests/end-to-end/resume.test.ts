import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { journalOf, lacuna, newFolder, pointsOf, start, tinySpec, trialIds, until } from './lacuna.js';

describe('the same spec and seed', () => {
  const folder = newFolder();
  let spec: string, id: string;
  const command = (out: string) => ['sweep', '--spec', spec, '--out', join(folder, out), '--no-tracking'];
  const weights = (out: string) => ['best', 'last'].map((name) => readFileSync(join(folder, out, 'trials', id, 'checkpoints', `${name}.safetensors`)));
  const steps = (out: string) => pointsOf(join(folder, out), id);
  /** Nothing of the uninterrupted run is missing, nothing is there twice, and every value is the same. */
  const expectSame = (out: string) => {
    expect(weights(out).map((file, i) => file.equals(weights('whole')[i]!))).toEqual([true, true]);
    const plain = (name: string) => steps(name).map(({ name: metric, step, value }) => `${metric} ${step} ${value}`);
    expect(plain(out)).toEqual(plain('whole'));
    expect(new Set(steps(out).map(({ name, step }) => `${name} ${step}`)).size).toBe(steps(out).length);
  };

  beforeAll(async () => {
    spec = tinySpec(folder, { steps: 240, methods: '{ paired: {} }' });
    expect((await lacuna(folder, command('whole'))).status).toBe(0);
    [id] = trialIds(join(folder, 'whole')) as [string];
  });

  it('give the same weights, byte by byte', async () => {
    expect((await lacuna(folder, command('again'))).status).toBe(0);
    expectSame('again');
  });

  it('also after the trial was killed twice', async () => {
    for (const at of [34, 130]) {
      const sweep = start(folder, command('killed'));
      await until(() => steps('killed').some(({ step }) => step >= at));
      process.kill(journalOf(join(folder, 'killed')).findLast(({ state }) => state === 'running')!.pid!, 'SIGKILL');
      const { status, out } = await sweep.ended;
      expect(status).toBe(1);
      expect(out).toContain('killed by SIGKILL');
    }
    expect((await lacuna(folder, command('killed'))).status).toBe(0);
    expectSame('killed');
  });

  it('also after the sweep was killed, and begun again at once', async () => {
    const sweep = start(folder, command('orphaned'));
    await until(() => steps('orphaned').some(({ step }) => step >= 58));
    sweep.child.kill('SIGKILL');
    await sweep.ended;
    expect((await lacuna(folder, command('orphaned'))).status).toBe(0);
    expectSame('orphaned');
  });

  it('also after Ctrl-C, which says how to go on', async () => {
    const sweep = start(folder, command('stopped'));
    await until(() => steps('stopped').some(({ step }) => step >= 20));
    sweep.child.kill('SIGINT');
    const { status, out } = await sweep.ended;
    expect(status).toBe(130);
    expect(out).toContain('To go on: the same command again');
    expect(existsSync(join(folder, 'stopped/trials', id, 'result.json'))).toBe(false);
    expect(journalOf(join(folder, 'stopped')).at(-1)).toMatchObject({ state: 'interrupted' });
    expect((await lacuna(folder, command('stopped'))).status).toBe(0);
    expectSame('stopped');
  });
});
