import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlurmEnergy } from '../../src/trial/slurm-energy.js';

describe('energy by Slurm’s accounting', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sstat-'));
  const before = process.env['PATH'];
  const says = (text: string): void => writeFileSync(join(folder, 'answer'), text);
  beforeAll(() => {
    // In place of Slurm's own: it answers for the batch step of job 77 alone.
    const known = '*ConsumedEnergyRaw*--jobs=77.batch';
    const script = `#!/bin/sh\ncase "$*" in ${known}) cat ${folder}/answer;; *) exit 1;; esac\n`;
    writeFileSync(join(folder, 'sstat'), script, { mode: 0o755 });
    process.env['PATH'] = `${folder}${delimiter}${before}`;
  });
  afterAll(() => {
    process.env['PATH'] = before;
  });

  it('is what the job used since the trial began', () => {
    says('5000\n');
    const energy = new SlurmEnergy({ SLURM_JOB_ID: '77' });
    says('12500\n');
    expect(energy.joules()).toBe(7500);
  });

  it('counts from 0 where accounting had not begun, and is not known where a cluster accounts none', () => {
    says('0\n');
    const energy = new SlurmEnergy({ SLURM_JOB_ID: '77' });
    expect(energy.joules()).toBeNull();
    says('300\n');
    expect(energy.joules()).toBe(300);
    says('18446744073709551614\n');
    expect(energy.joules()).toBeNull();
  });

  it('is not known outside of a job, nor where Slurm does not answer', () => {
    says('300\n');
    expect(new SlurmEnergy({}).joules()).toBeNull();
    expect(new SlurmEnergy({ SLURM_JOB_ID: '78' }).joules()).toBeNull();
  });
});
