import { describe, expect, it } from 'vitest';
import { ProgressDisplay } from '../src/index.js';

/** Catches what is written. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  return {
    written,
    out: { isTTY, columns: 20, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream,
  };
}

describe('progress', () => {
  it('without a terminal: one line at first, none until the time is up, one at the end, no control characters', () => {
    const { written, out } = stream(false);
    const display = new ProgressDisplay(out, { everyMs: 1e9 });
    display.update('a', { name: 'A', text: 'step 1' });
    display.update('a', { name: 'A', text: 'step 2' });
    display.update('b', { name: 'B', text: 'step 1' });
    display.end('a', { name: 'A', text: 'finished' });
    expect(written).toEqual(['A  step 1\n', 'B  step 1\n', 'A  finished\n']);
  });

  it('on a terminal: running lines are drawn again in place, cut to its width, ended ones stay above', () => {
    const { written, out } = stream(true);
    const display = new ProgressDisplay(out);
    display.update('a', { name: 'A', text: 'a long text that goes on' });
    display.update('b', { name: 'B', text: 'two' });
    display.end('a', { name: 'A', text: 'finished' });
    expect(written[0]).toBe('A  a long text that\n');
    expect(written.join('')).toContain('\x1b[1A\x1b[JA  a long text that\nB  two\n');
    expect(written.join('').endsWith('\x1b[2A\x1b[JA  finished\nB  two\n')).toBe(true);
  });
});
