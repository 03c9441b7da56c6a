import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import {
  ProgressDisplay,
  estimate,
  formatDuration,
  formatEstimate,
  renderTable,
  studentQuantile,
  type Column,
} from '../src/index.js';
import { FailureReason } from '../src/executor/failure-reason.js';

describe('studentQuantile', () => {
  // Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.10, to three decimals.
  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.975, 4, 2.776],
    [0.975, 9, 2.262],
    [0.975, 30, 2.042],
    [0.975, 120, 1.98],
    [0.95, 1, 6.314],
    [0.95, 5, 2.015],
    [0.995, 2, 9.925],
    [0.995, 10, 3.169],
    [0.9995, 1, 636.619],
  ])('t(%f; %i) = %f', (p, degrees, tabulated) => {
    expect(Math.abs(studentQuantile(p, degrees) - tabulated)).toBeLessThanOrEqual(0.00051);
  });

  it('agrees with the closed forms for 1, 2 and 4 degrees of freedom, and with the normal distribution far out', () => {
    for (const p of [0.6, 0.9, 0.975, 0.999]) {
      const a = 4 * p * (1 - p);
      const q = Math.cos(Math.acos(Math.sqrt(a)) / 3) / Math.sqrt(a);
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 7);
      expect(studentQuantile(p, 2)).toBeCloseTo((2 * (p - 0.5)) / Math.sqrt(a / 2), 8);
      expect(studentQuantile(p, 4)).toBeCloseTo(2 * Math.sqrt(q - 1), 8);
    }
    expect(studentQuantile(0.975, 1e6)).toBeCloseTo(1.959966, 5);
  });

  it('refuses what has no quantile', () => {
    for (const p of [0.5, 1, Number.NaN])
      expect(() => studentQuantile(p, 3)).toThrow(`studentQuantile: got p = ${p}, wanted 0.5 < p < 1`);
    expect(() => studentQuantile(0.9, 0)).toThrow(
      'studentQuantile: got 0 degrees of freedom, wanted a positive number',
    );
  });
});

describe('estimate', () => {
  it('mean, sample standard deviation and interval', () => {
    // Values 2, 4, 6: s = 2, half width 4.302653 * 2 / sqrt 3.
    const of3 = estimate([2, 4, 6])!;
    expect(of3).toMatchObject({ mean: 4, standardDeviation: 2, count: 3 });
    expect(of3.halfWidth).toBeCloseTo(4.968276, 5);
    expect(estimate([5, 5])).toEqual({ mean: 5, standardDeviation: 0, halfWidth: 0, count: 2 });
  });

  it('one value has no interval, none no mean', () => {
    expect(estimate([3])).toEqual({ mean: 3, standardDeviation: null, halfWidth: null, count: 1 });
    expect(estimate([])).toBeNull();
    expect([formatEstimate(estimate([3]), 2), formatEstimate(null, 2), formatEstimate(estimate([1, 3]), 1)]).toEqual([
      '3.00',
      '–',
      '2.0 ± 12.7',
    ]);
  });
});

describe('renderTable', () => {
  interface Row {
    name: string;
    score: number | null;
    cost: number;
  }
  const columns: Column<Row>[] = [
    { title: 'method', align: 'left', text: ({ name }) => name },
    {
      title: 'a long title',
      text: ({ score }) => String(score),
      best: { value: ({ score }) => score, better: 'higher' },
    },
    { title: 'cost', text: ({ cost }) => String(cost), best: { value: ({ cost }) => cost, better: 'lower' } },
  ];

  it('aligns columns and marks the best', () => {
    expect(
      renderTable(
        [
          { name: 'one', score: 0.5, cost: 12345 },
          { name: 'another', score: 0.75, cost: 7 },
          { name: 'x', score: null, cost: 7 },
        ],
        columns,
      ).split('\n'),
    ).toEqual([
      'method   a long title    cost',
      '───────  ─────────────  ──────',
      'one               0.5   12345',
      'another          0.75*      7*',
      'x                null       7*',
    ]);
  });

  it('a value that is not a number hides no best; a single row is not the best of anything', () => {
    const text = renderTable(
      [
        { name: 'a', score: Number.NaN, cost: 1 },
        { name: 'b', score: 1, cost: 2 },
        { name: 'c', score: 0, cost: 3 },
      ],
      columns,
    );
    expect(text).toMatch(/^b .* 1\* /m);
    expect(renderTable([{ name: 'a', score: 1, cost: 1 }], columns)).not.toContain('*');
  });
});

describe('ProgressDisplay', () => {
  function screen(size: { columns: number; rows: number } | null) {
    const written: string[] = [];
    const out = new Writable({
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    });
    Object.assign(out, size ? { isTTY: true, ...size } : {});
    return { written, out: out as unknown as NodeJS.WriteStream };
  }

  it('on a terminal: one line a running trial, redrawn in place, cut to the width; what ended scrolls up', () => {
    const { written, out } = screen({ columns: 20, rows: 24 });
    const display = new ProgressDisplay(out);
    display.update('a', { name: 'first', text: 'step 1 of very many steps' });
    display.update('b', { name: 'second', text: 'step 1' });
    display.end('a', { name: 'first', text: 'finished' });
    expect(written).toEqual([
      'first  step 1 of ve\n',
      '\x1b[1A\x1b[Jfirst  step 1 of ve\nsecond  step 1\n',
      '\x1b[2A\x1b[Jfirst  finished\nsecond  step 1\n',
    ]);
  });

  it('draws no more lines than the screen has', () => {
    const { written, out } = screen({ columns: 80, rows: 5 });
    const display = new ProgressDisplay(out);
    for (let i = 0; i < 6; i++) display.update(String(i), { name: `t${i}`, text: '' });
    expect(written.at(-1)).toBe('\x1b[3A\x1b[Jt0  \nt1  \n... and 4 more\n');
  });

  it('elsewhere: at most a line a trial in ten seconds, and one at its end', () => {
    vi.useFakeTimers();
    try {
      const { written, out } = screen(null);
      const display = new ProgressDisplay(out);
      for (let i = 0; i < 30; i++) {
        display.update('a', { name: 'a', text: `step ${i}` });
        vi.advanceTimersByTime(1000);
      }
      display.end('a', { name: 'a', text: 'finished' });
      expect(written).toEqual(['a  step 0\n', 'a  step 10\n', 'a  step 20\n', 'a  finished\n']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('durations', () => {
    expect([0.2, 59.6, 200, 4320, -3].map(formatDuration)).toEqual([
      '0 s',
      '1 min 0 s',
      '3 min 20 s',
      '1 h 12 min',
      '0 s',
    ]);
  });
});

describe('FailureReason', () => {
  const of = (text: string, step = 7) => {
    const reason = new FailureReason();
    for (let i = 0; i < text.length; i += step) reason.add(Buffer.from(text.slice(i, i + step)));
    return reason.text();
  };

  it('names the error and not its trace', () => {
    expect(
      of(
        'step 3\nfile:///t.mjs:3\n  throw new TypeError("x");\n  ^\n\nTypeError: x\n    at run ' +
          '(file:///t.mjs:3:9)\n    at file:///t.mjs:9:1\n\nNode.js v20.20.2\n',
      ),
    ).toBe('TypeError: x');
    expect(
      of(
        'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native ' +
          'stack trace -----\n\n 1: 0xb8ced1 node::OOMErrorHandler\n',
      ),
    ).toBe('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory');
    expect(of('loading\nCould not load library libcudnn.so\n')).toBe('Could not load library libcudnn.so');
    expect(of('')).toBeNull();
  });

  it('keeps the end of a long output only', () => {
    expect(of(`Error: early\n${'line\n'.repeat(5000)}`, 4096)).toBe('line');
  });
});
