import { describe, expect, it } from 'vitest';
import { listedJobs, withinBudget, type BudgetOptions, type BudgetSpec } from '../src/index.js';
import { loadText, messageOf } from './spec.js';

const HOUR = 3_600_000;

/** Runs jobs that take an hour each, one after the other. @returns those that began, and what was said. */
async function begun(budget: BudgetSpec, options: Partial<BudgetOptions> = {}) {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const said: string[] = [];
  let time = 10 * HOUR;
  const jobs = withinBudget(listedJobs(names.map((id) => ({ id, arguments: [], log: '' }))), {
    budget,
    earlier: [],
    joulesOfTrial: () => 0,
    gpusOfTrial: 0,
    onUsedUp: (what) => said.push(what),
    now: () => time,
    ...options,
  });
  const order: string[] = [];
  for (let job = await jobs.take(); job; job = await jobs.take()) {
    order.push(job.id);
    time += HOUR;
    await jobs.end(job.id, { state: 'finished' });
  }
  // Who asks again hears nothing new.
  await jobs.take();
  return { order: order.join(''), said };
}

describe('a budget', () => {
  it('of trials, hours, GPU hours and energy lets what runs end, begins nothing else, and says so once', async () => {
    expect(await begun({ trials: 3 })).toEqual({ order: 'abc', said: ['3 of 3 trials'] });
    expect(await begun({ hours: 1.5 })).toEqual({ order: 'ab', said: ['2.00 of 1.5 hours'] });
    expect(await begun({ gpuHours: 1.5 }, { gpusOfTrial: 0.5 })).toEqual({
      order: 'abc',
      said: ['1.50 of 1.5 GPU hours'],
    });
    const joulesOfTrial = (id: string) => (id === 'a' ? 0 : 600_000);
    expect(await begun({ energy: '0.3 kWh' }, { joulesOfTrial })).toEqual({
      order: 'abc',
      said: ['0.333 kWh of 0.3 kWh'],
    });
    expect(await begun({ hours: 5.5, trials: 9 })).toEqual({ order: 'abcde', said: [] });
  });

  it('counts earlier runs: trials side by side once, a killed one until the last line of the journal', async () => {
    const entry = (trial: string, state: 'running' | 'finished', hour: number) => ({ trial, state, time: hour * HOUR });
    const earlier = [
      entry('x', 'running', 1),
      entry('y', 'running', 1),
      entry('x', 'finished', 2),
      // y was killed; nobody knows when.
      entry('z', 'running', 3),
      entry('z', 'finished', 3.5),
    ];
    expect(await begun({ hours: 3 }, { earlier })).toEqual({ order: 'a', said: ['3.50 of 3 hours'] });
    expect(await begun({ gpuHours: 4.5 }, { earlier, gpusOfTrial: 1 })).toEqual({
      order: 'a',
      said: ['5.00 of 4.5 GPU hours'],
    });
    expect(await begun({ trials: 4 }, { earlier })).toEqual({ order: 'a', said: ['4 of 4 trials'] });
  });

  it('is checked with the spec', () => {
    const text = (budget: string) => `name: s\nmodel: { name: fsrcnn }\nbudget: ${budget}\n`;
    expect(loadText(text('{ energy: 2 kWh }')).budget).toEqual({ energy: '2 kWh' });
    expect(messageOf(() => loadText(text('{ energy: 2 }')))).toBe('spec.yaml:3:19: budget.energy: got 2, wanted text');
    expect(messageOf(() => loadText(text('{ energy: 2 kW }')))).toBe(
      'spec.yaml:3:19: budget.energy: got "2 kW", wanted a number and J, kJ, MJ, Wh or kWh: 2 kWh',
    );
    expect(messageOf(() => loadText(text('{}')))).toBe(
      'spec.yaml:3:1: budget: got a map with no keys, wanted trials, hours, energy or gpuHours',
    );
  });
});
