// A sweep on a real OAR, where LACUNA_OAR_USER names somebody who may submit: start-oar.sh makes such a machine.
// OAR submits again only what ran for a minute, so that this takes two.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newFolder, pointsOf, program, tinySpec, trialIds } from '../end-to-end/lacuna.js';

const user = process.env['LACUNA_OAR_USER'];
if (user === undefined) console.log('skipped: LACUNA_OAR_USER names nobody who may submit to OAR (start-oar.sh)');

describe.skipIf(user === undefined)('on OAR', () => {
  const call = (folder: string, words: readonly string[]) => {
    const line = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    const ended = spawnSync('su', [user!, '-c', `cd ${folder} && HOME=~${user} ${line}`], { encoding: 'utf8' });
    return { status: ended.status, out: ended.stdout, err: ended.stderr };
  };
  const lacuna = (folder: string, ...args: string[]) => call(folder, [process.execPath, program, ...args]);

  it('a trial goes on after its limit in the job that OAR submits again, to the weights of this machine', async () => {
    const folder = newFolder();
    chmodSync(folder, 0o777);
    const executor = "executor: { kind: oar, resources: /resource_id=1, time: '0:01:20', notice: 15 }";
    const methods = '{ bicubic: { regime: { kind: interpolation } }, paired: {} }';
    const spec = tinySpec(folder, { name: 'oar', steps: 12_000, methods, more: executor });
    const submitted = lacuna(folder, 'sweep', spec);
    expect(submitted.err).toBe('');
    expect(submitted.out).toContain('2 to submit to oar');
    const sweep = join(folder, 'runs/oar');
    const status = () => lacuna(folder, 'status', spec).out;
    let again = '';
    for (let text = status(); !/2 finished/.test(text); text = status()) {
      if (/queued again \(1\)/.test(text)) again = text;
      if (/failed|stopped/.test(text)) throw new Error(text);
      await sleep(2000);
    }
    expect(again).toMatch(/paired.*queued +stopped at the time limit; queued again \(1\)/);
    lacuna(folder, 'sweep', spec, '--executor', 'local', '--out', 'local', '--no-tracking');
    for (const id of trialIds(sweep)) {
      const curve = (of: string) => pointsOf(of, id).map(({ name, step, value }) => `${name} ${step} ${value}`);
      expect(curve(sweep)).toEqual(curve(join(folder, 'local')));
    }
    const [id] = trialIds(sweep).filter((trial) => pointsOf(sweep, trial).length > 100);
    const weights = (of: string) => readFileSync(join(of, 'trials', id, 'checkpoints/last.safetensors'));
    expect(weights(sweep).equals(weights(join(folder, 'local')))).toBe(true);
    const many = lacuna(folder, 'sweep', spec, '--out', 'runs/cancelled');
    expect(many.out).toContain('2 to submit');
    expect(lacuna(folder, 'cancel', spec, '--out', 'runs/cancelled').out).toMatch(/\d cancelled/);
    for (let text = ''; !/2 (failed|cancelled)|1 (failed|cancelled)/.test(text);) {
      text = lacuna(folder, 'status', spec, '--out', 'runs/cancelled').out;
      await sleep(1000);
    }
  });
});
