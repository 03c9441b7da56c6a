import { userInfo } from 'node:os';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { newFolder } from '../end-to-end/lacuna.js';
import { startSlurm, whyNoSlurm, type Slurm } from './slurm.js';

/** What the tests of a suite share; there from its first test on. */
export interface OnSlurm {
  readonly slurm: Slurm;
  /** Where their sweeps lie. */
  readonly folder: string;
}

/**
 * A suite on a Slurm of one node that is its own, skipped with a word where there is none.
 * @param lacking what else the suite needs and is not there, or null.
 * @param accounting whether the cluster keeps account of its jobs.
 */
export function describeOnSlurm(
  title: string,
  lacking: string | null,
  suite: (at: OnSlurm) => void,
  accounting: 'none' | 'slurmdbd' = 'none',
): void {
  const absent = whyNoSlurm() ?? lacking;
  if (absent !== null) console.log(`skipped: ${absent}`);
  describe.skipIf(absent !== null)(title, () => {
    let slurm: Slurm | undefined;
    let folder = '';
    beforeAll(async () => {
      slurm = await startSlurm(accounting);
      folder = newFolder();
    });
    afterAll(() => slurm?.stop());
    // A test that fails leaves no job in the way of the next.
    afterEach(() => void slurm!.call('scancel', `--user=${userInfo().username}`));
    suite({
      get slurm() {
        return slurm!;
      },
      get folder() {
        return folder;
      },
    });
  });
}
