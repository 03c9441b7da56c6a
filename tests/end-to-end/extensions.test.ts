import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inOneProcess, lacuna, newFolder, succeeds, trialIds } from './lacuna.js';

const page = readFileSync(new URL('../../docs/extending.md', import.meta.url), 'utf8');

/** The text of the page's block that begins with the name of a file. */
function block(name: string): string {
  const found = [...page.matchAll(/^```(?:js|yaml)\n(?:\/\/|#) (\S+)\n(.*?)^```$/gms)].find(
    ([, file]) => file === name,
  );
  return found![2];
}

interface Result {
  readonly method: string;
  readonly test: { readonly values: Readonly<Record<string, number | null>> };
}

describe('the extension of docs/extending.md, beside its spec in a folder of its own', () => {
  const folder = newFolder();
  const results = join(folder, 'results');
  const env = { LACUNA_ENGINE: 'wasm' };
  const named = ['my-sweep.yaml', '--out', results];
  const read = (path: string) => readFileSync(join(results, path), 'utf8');
  const resultOf = (id: string) => JSON.parse(read(`trials/${id}/result.json`)) as Result;

  beforeAll(async () => {
    const files = ['my-priors.mjs', 'my-data.mjs', 'my-sweep.yaml'];
    for (const name of files) writeFileSync(join(folder, name), block(name));
    await succeeds(folder, ['sweep', ...named, ...inOneProcess, '--set', 'figures.formats=[]'], env);
  });

  it('trains with the term, and logs its value', () => {
    const aligned = trialIds(results).find((id) => resultOf(id).method === 'aligned')!;
    expect(read(`trials/${aligned}/metrics.jsonl`)).toContain('"train/loss/aligned"');
    expect(JSON.parse(read(`trials/${aligned}/trial.json`))).toMatchObject({
      extensions: [{ file: join(folder, 'my-data.mjs') }, { file: join(folder, 'my-priors.mjs') }],
    });
  });

  it('has the metric in results, leaderboard, its table and the report', () => {
    const found = trialIds(results).map((id) => resultOf(id).test.values['length_error']);
    expect(found).toHaveLength(2);
    for (const value of found) expect(value).toBeGreaterThanOrEqual(0);
    expect(read('leaderboard.csv')).toMatch(/,aligned,1,1,0,length_error,common,\d/);
    expect(read('leaderboard.txt')).toContain('Length error');
    expect(read('report.html')).toContain('Length error');
    expect(read('figures/training-curves.svg')).toContain('Length error');
  });

  it('hands the metric to MLflow', () => {
    const [id] = trialIds(results);
    const spool = join(results, 'trials', id, 'spool');
    const journals = readdirSync(spool).flatMap((run) =>
      readdirSync(join(spool, run)).map((name) => join(spool, run, name)),
    );
    expect(journals.map((path) => readFileSync(path, 'utf8')).join('')).toContain('"test/length_error"');
  });

  it('enlarges with a checkpoint of its architecture, which the folder of the trial makes known', async () => {
    const [id] = trialIds(results);
    const trial = join(results, 'trials', id);
    const [lr, out] = [join(trial, 'images', 'lr.tif'), join(folder, 'enlarged.tif')];
    const { err } = await succeeds(folder, ['upscale', trial, lr, out, '--levels', 'percentile'], env);
    expect(err).not.toContain('not known');
  });

  it('draws its structure and scans it by its degradation, without a spec', async () => {
    const commands = [...page.matchAll(/^npx lacuna (.*--extension .*)$/gm)].map(([, line]) => line.split(' '));
    const [drawn, scanned] = [await succeeds(folder, commands[0]), await succeeds(folder, commands[1])];
    expect(drawn.out).toMatch(/^ladder, seed 0: \d+ nodes, \d+ branches/m);
    expect(scanned.out).toContain('coarse.ome.tif');
    expect(JSON.parse(readFileSync(join(folder, 'coarse-degradation.json'), 'utf8'))).toMatchObject({
      degradation: { kind: 'saturated', factor: 2, full: 0.9 },
      extension: { file: 'my-data.mjs', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    const unknown = await lacuna(folder, ['synthesize', 'ladder', '--out', 'nowhere']);
    expect([unknown.status, unknown.err]).toEqual([2, expect.stringMatching(/got structure "ladder", wanted dentin,/)]);
    const missing = await lacuna(folder, [...commands[0], '--extension', 'none.mjs']);
    expect(missing.err).toMatch(
      /^lacuna: --extension: got .*none\.mjs, which is not there, wanted a JavaScript module/,
    );
  });

  it('tells what is wrong by the line, before anything is trained', async () => {
    const broken = block('my-priors.mjs').replace(
      'const energyX',
      'const energyX = sr.shape.missing.length;\nconst other',
    );
    writeFileSync(join(folder, 'broken.mjs'), broken);
    const set = ['--set', 'extensions=[./broken.mjs, ./my-data.mjs]'];
    const { status, err } = await lacuna(folder, ['sweep', ...named, '--no-tracking', ...set], env);
    expect(status).toBe(2);
    const line = broken.split('\n').findIndex((text) => text.includes('missing')) + 1;
    expect(err).toContain(`broken.mjs:${line}: build of aligned: got TypeError`);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
