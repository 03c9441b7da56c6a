import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandFor, shellQuote } from '../../src/sweep/plan/selection.js';

/** What a shell makes of a line: its words. */
const words = (line: string): string[] =>
  execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('a printed command', () => {
  it('names spec, overrides, methods and folder, and can be pasted', () => {
    const set = ['data={source: folder, path: my tiffs}', "name=it's", 'training.steps=5'];
    const line = commandFor('sweep', { spec: 'my specs/a.yaml', set, only: ['a', 'b c'], out: '$HOME/x' });
    expect(line).toBe(
      "npx lacuna sweep 'my specs/a.yaml' --set 'data={source: folder, path: my tiffs}' --set 'name=it'\\''s' " +
        "--set training.steps=5 --only 'a,b c' --out '$HOME/x'",
    );
    const typed = ['--set', set[0], '--set', set[1], '--set', set[2], '--only', 'a,b c', '--out', '$HOME/x'];
    expect(words(line)).toEqual(['npx', 'lacuna', 'sweep', 'my specs/a.yaml', ...typed]);
  });

  it('holds no name or password of an address', () => {
    const set = ['tracking.uri=http://bob:p@ss/w@host:5000/x'];
    expect(commandFor('sync', { spec: 'a.yaml', set })).toBe(
      'npx lacuna sync a.yaml --set tracking.uri=http://host:5000/x',
    );
  });

  it('is quoted so that a shell gives every word back', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((text) => !text.includes('\0')),
          { minLength: 1, maxLength: 5 },
        ),
        (list) => {
          expect(words(list.map(shellQuote).join(' '))).toEqual(list);
        },
      ),
      { numRuns: 30 },
    );
  });
});
