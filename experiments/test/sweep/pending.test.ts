import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sayMissing } from '../../src/commands/sweep-results.js';
import { describeMissing, requireTrials } from '../../src/sweep/plan/missing-trials.js';
import { RETRIES, takePending } from '../../src/sweep/run/pending.js';
import type { LacunaSweep, LacunaTrial } from '../../src/sweep/plan/plan.js';
import { layout } from '../../src/sweep/results/results.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-pending-'));
  for (const status of ['finished', 'diverged'] as const) {
    mkdirSync(layout.checkpoints(layout.trial(folder, status)), { recursive: true });
    writeFileSync(layout.result(layout.trial(folder, status)), JSON.stringify({ status }));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ids = ['finished', 'diverged', 'new'];
const trials = ids.map((id) => ({ id, name: `trial ${id}` }) as LacunaTrial);
const left = (): string[] => ids.filter((id) => existsSync(layout.result(layout.trial(folder, id))));

describe('--retry', () => {
  it.each([
    ['failed', ['new'], ['finished', 'diverged']],
    ['diverged', ['diverged', 'new'], ['finished']],
    ['all', ['finished', 'diverged', 'new'], []],
  ] as const)('%s runs %j again and keeps the results of %j', (retry, again, kept) => {
    expect(takePending(trials, folder, retry).map(({ id }) => id)).toEqual(again);
    expect(left()).toEqual(kept);
  });

  it('has no other values', () => expect(RETRIES).toEqual(['failed', 'diverged', 'all']));
});

describe('trials that are missing', () => {
  const sweep = { name: 's', trials } as unknown as LacunaSweep;
  const other = { name: 's', trials: [{ id: 'x', name: 'x' }] } as unknown as LacunaSweep;

  it('are named, with the command that runs them', () => {
    expect(describeMissing(sweep, folder, 'npx lacuna sweep s.yaml')).toBe(
      `missing    1 of 3 trials of this spec have no result in ${folder}: trial new; ` +
        'to run them: npx lacuna sweep s.yaml',
    );
    const two = { name: 's', trials: trials.slice(0, 2) } as unknown as LacunaSweep;
    expect(describeMissing(two, folder, '')).toBeNull();
  });

  it('give the commands that read the others an exit status of 1', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const before = process.exitCode;
    try {
      sayMissing({ spec: 'package.json', set: [], out: folder }, { ...sweep, trials: trials.slice(0, 2) });
      expect(process.exitCode).toBe(before);
      sayMissing({ spec: 'package.json', set: [], out: folder }, sweep);
      expect(process.exitCode).toBe(1);
      expect(said.mock.calls).toEqual([[expect.stringContaining('1 of 3 trials of this spec have no result')]]);
    } finally {
      process.exitCode = before;
      said.mockRestore();
    }
  });

  it('all of them, after the spec changed, are an error', () => {
    expect(() => requireTrials(sweep, folder, '')).not.toThrow();
    expect(() => requireTrials(other, folder, 'npx lacuna sweep s.yaml')).toThrow(
      `${folder}: got none of the 1 trials of this spec, wanted results of s as the spec now is; the spec or its ` +
        'images may have changed since',
    );
  });
});
