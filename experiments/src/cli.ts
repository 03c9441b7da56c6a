import { Command, CommanderError } from 'commander';
import { LacunaError } from '@lacuna/core';
import { version } from './machine/workspace.js';

/** Commands, each with the module that registers it: what is not called is not loaded. */
const commands: readonly (() => Promise<{ register(program: Command): void }>)[] = [
  () => import('./commands/sweep.js'),
  () => import('./commands/data.js'),
  () => import('./commands/synthesize.js'),
  () => import('./commands/degrade.js'),
  () => import('./commands/literature.js'),
  () => import('./commands/upscale.js'),
  () => import('./commands/figures.js'),
  () => import('./commands/iqa.js'),
  () => import('./commands/disagreement.js'),
  () => import('./commands/export.js'),
  () => import('./commands/models.js'),
  () => import('./commands/sync.js'),
  () => import('./commands/mlflow.js'),
  () => import('./commands/doctor.js'),
];

/** Runs the command line. Exit status: 0, 2 for the user's mistakes, 1 for failures, 130 after Ctrl-C. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('lacuna')
    .description('Super-resolution of microscopic networks, judged by the network')
    .version(version);
  program
    .option('--debug', 'show stack traces')
    .exitOverride()
    .showHelpAfterError('(lacuna --help lists commands and options)')
    .enablePositionalOptions();
  const debug = argv.includes('--debug');
  const rest = argv.filter((argument) => argument !== '--debug');
  try {
    for (const load of commands) (await load()).register(program);
    for (const command of program.commands) command.exitOverride();
    await program.parseAsync([...rest], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, debug);
  }
}

function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  console.error(debug && error instanceof Error ? error.stack : `lacuna: ${message}`);
  if (error instanceof LacunaError) return error.exitCode;
  if (!debug) console.error('(an error that Lacuna did not foresee: --debug shows where it arose)');
  return 1;
}

await main(process.argv.slice(2));
