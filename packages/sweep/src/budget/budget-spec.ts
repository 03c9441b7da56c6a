import { z } from 'zod';

const ENERGY = /^(\d+(?:\.\d+)?) ?(J|kJ|MJ|Wh|kWh)$/;
const JOULES: Readonly<Record<string, number>> = { J: 1, kJ: 1e3, MJ: 1e6, Wh: 3600, kWh: 3.6e6 };

/** "2 kWh" in joules. */
export function joulesOf(text: string): number {
  const [, number, unit] = ENERGY.exec(text)!;
  return Number(number) * JOULES[unit];
}

/** What a sweep may use, over all its runs. */
export const budgetSpec = z
  .strictObject({
    trials: z.int().min(1).optional().describe('trials that have begun'),
    hours: z.number().positive().optional().describe('in which at least one trial ran'),
    energy: z
      .string()
      .regex(ENERGY, 'wanted a number and J, kJ, MJ, Wh or kWh: 2 kWh')
      .optional()
      .describe("of trials that ended, by the machine's own counters"),
    gpuHours: z.number().positive().optional().describe('hours of trials times the GPU that each has'),
  })
  .refine((budget) => Object.keys(budget).length > 0, 'wanted trials, hours, energy or gpuHours');
export type BudgetSpec = z.infer<typeof budgetSpec>;
