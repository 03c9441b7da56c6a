import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lacuna, newFolder, succeeds, tinySpec, trialIds } from './lacuna.js';

/** What is asked of a trial's result here. */
interface Result {
  readonly method: string;
  readonly bestStep: number | null;
  readonly ownLevel: { readonly level: number; readonly clDice: number };
  readonly validation: { readonly values: Readonly<Record<string, number>> };
}

const resultsOf = (sweep: string): Result[] =>
  trialIds(sweep).map((id) => JSON.parse(readFileSync(join(sweep, 'trials', id, 'result.json'), 'utf8')) as Result);

it('models and filters may be chosen by clDice at the level that suits them best', async () => {
  const folder = newFolder();
  const methods = '{ paired: {}, smoothed: { regime: { kind: linear, fit: smoothed-bicubic } } }';
  const spec = tinySpec(folder, { methods, steps: 8 });
  const sweep = join(folder, 'results');
  const by = 'training.select.metric=cldice_own_level';
  await succeeds(folder, ['sweep', spec, '--set', by, '--out', sweep, '--no-tracking']);
  const results = resultsOf(sweep);
  expect(results).toHaveLength(2);
  for (const { validation, ownLevel } of results) expect(validation.values['cldice_own_level']).toBe(ownLevel.clDice);
  const wrong = await lacuna(folder, ['sweep', spec, '--set', 'training.select.metric=cldise', '--dry-run']);
  expect(wrong.status).toBe(2);
  expect(wrong.err).toMatch(/training.select.metric: got "cldise".*did you mean cldice\?/);
});
