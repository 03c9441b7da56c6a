import type { Command } from 'commander';
import { diagnose, renderDiagnosis } from '../machine/doctor.js';

/** `lacuna doctor`: what works on this machine, what is missing, and what to do about it. */
export function register(program: Command): void {
  program
    .command('doctor')
    .description('show engine, devices, kernels, tracking, data and versions')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const found = await diagnose();
      console.log(json ? JSON.stringify(found, null, 2) : renderDiagnosis(found));
    });
}
