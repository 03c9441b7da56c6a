import { spawnSync } from 'node:child_process';

/** Accounting answers within a second, or the cluster is in trouble: a trial does not wait for it. */
const ANSWER_MS = 20_000;

/** What Slurm writes for a number that it does not have begins far above this; a node of 10 kW needs 3,000 years. */
const MOST_JOULES = 1e15;

/**
 * Energy that Slurm accounts to the job that this process runs in (AcctGatherEnergyType; `ConsumedEnergyRaw` of its
 * batch step), since this was made. Slurm counts the whole node.
 */
export class SlurmEnergy {
  private readonly job: string | undefined;
  private readonly before: number;

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.job = env['SLURM_JOB_ID'];
    this.before = this.consumed() ?? 0;
  }

  /** Joules; null outside of a job of Slurm, and where the cluster accounts none: it then says 0. */
  joules(): number | null {
    const now = this.consumed();
    return now === null ? null : Math.max(0, now - this.before);
  }

  private consumed(): number | null {
    if (this.job === undefined) return null;
    const { status, stdout } = spawnSync(
      'sstat',
      ['--noheader', '--parsable2', '--noconvert', '--format=ConsumedEnergyRaw', `--jobs=${this.job}.batch`],
      { encoding: 'utf8', timeout: ANSWER_MS },
    );
    if (status !== 0) return null;
    const joules = Number(stdout.trim());
    return joules > 0 && joules < MOST_JOULES ? joules : null;
  }
}
