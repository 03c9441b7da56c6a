// What a sweep says of jobs that slurmctld has forgotten, by the account that slurmdbd keeps of them.
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lacuna, pointsOf, succeeds, tinySpec, trialIds, until } from '../end-to-end/lacuna.js';
import { whyNoAccounting } from './accounting.js';
import { describeOnSlurm } from './on-slurm.js';

describeOnSlurm(
  'on Slurm with accounting',
  whyNoAccounting(),
  (at) => {
    it('ends are told as before once slurmctld has forgotten them', async () => {
      const spec = tinySpec(at.folder, {
        name: 'told',
        steps: 100_000,
        methods: '{ paired: {} }',
        seeds: '[0, 1, 2, 3]',
      });
      const sets = ['--executor', 'slurm', '--set', 'executor.time=0:09:00', '--set', 'executor.parallel=1'];
      await succeeds(at.folder, ['sweep', spec, ...sets], at.slurm.env);
      const sweep = join(at.folder, 'runs/told');
      const isRunning = (id: string) => pointsOf(sweep, id).length > 3;
      await until(() => trialIds(sweep).some(isRunning));
      const id = trialIds(sweep).find(isRunning)!;
      const { job } = JSON.parse(readFileSync(join(sweep, 'trials', id, 'record.json'), 'utf8')) as { job: string };
      const [array] = job.split('_');
      // One as it runs, the others before they begin: accounting keeps those as one line, "1_[1-3%1]".
      at.slurm.call('scancel', array);
      await until(() => at.slurm.call('squeue', '-h').trim() === '', 200);
      const status = async () => (await lacuna(at.folder, ['status', spec], at.slurm.env)).out;
      expect(await status()).toContain('told: 4 cancelled');

      const account = (...fields: string[]) =>
        at.slurm.call('sacct', '--noheader', '--parsable2', `--jobs=${array}`, `--format=${fields.join(',')}`);
      await until(() => !/RUNNING|PENDING/.test(account('State')), 200);
      await at.slurm.forget();
      const after = await status();
      expect(after).toContain('told: 4 cancelled');
      expect(after).toMatch(new RegExp(`${job} +cancelled +CANCELLED by ${userInfo().uid}`));
      expect(account('JobID', 'TotalCPU')).toMatch(/^\d+_\d+\.batch\|[\d:.]*[1-9]/m);
    });
  },
  'slurmdbd',
);
