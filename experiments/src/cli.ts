import { Command, CommanderError } from 'commander';
import { LacunaError, printable } from '@lacuna/core';
import { version } from './machine/workspace.js';

/** The module of a command: it adds the command to the program. */
type LoadCommand = () => Promise<{ register(program: Command): void }>;

/** Commands by name, in the order of `lacuna --help`. What is not called is not loaded. */
const commands: Readonly<Record<string, LoadCommand>> = {
  init: () => import('./commands/init.js'),
  sweep: () => import('./commands/sweep.js'),
  status: () => import('./commands/status.js'),
  cancel: () => import('./commands/cancel.js'),
  collect: () => import('./commands/collect.js'),
  data: () => import('./commands/data.js'),
  synthesize: () => import('./commands/synthesize.js'),
  degrade: () => import('./commands/degrade.js'),
  literature: () => import('./commands/literature.js'),
  upscale: () => import('./commands/upscale.js'),
  explain: () => import('./commands/explain.js'),
  network: () => import('./commands/network.js'),
  figures: () => import('./commands/figures.js'),
  rescore: () => import('./commands/rescore.js'),
  pairs: () => import('./commands/pairs.js'),
  compare: () => import('./commands/compare.js'),
  results: () => import('./commands/results.js'),
  leaderboard: () => import('./commands/leaderboard.js'),
  iqa: () => import('./commands/iqa.js'),
  disagreement: () => import('./commands/disagreement.js'),
  export: () => import('./commands/export.js'),
  import: () => import('./commands/import.js'),
  demo: () => import('./commands/demo.js'),
  models: () => import('./commands/models.js'),
  clean: () => import('./commands/clean.js'),
  sync: () => import('./commands/sync.js'),
  mlflow: () => import('./commands/mlflow.js'),
  schema: () => import('./commands/schema.js'),
  doctor: () => import('./commands/doctor.js'),
};

/** The modules that a call needs: that of the command it names; all for help, and for a name that is none. */
function modulesOf(words: readonly string[]): readonly LoadCommand[] {
  const [first] = words;
  if (first === '--version' || first === '-V') return [];
  return first !== undefined && Object.hasOwn(commands, first) ? [commands[first]] : Object.values(commands);
}

/** The program with the commands that are called for: all of them for help, and where none is named. */
export async function createProgram(words: readonly string[] = []): Promise<Command> {
  const program = new Command('lacuna')
    .description('Super-resolution of microscopic networks, judged by the network')
    .version(version);
  program
    .option('--debug', 'show stack traces')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printable(text)) })
    .showHelpAfterError('(lacuna --help lists commands and options)')
    .enablePositionalOptions();
  for (const load of modulesOf(words)) (await load()).register(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** Runs the command line. Exit status: 0, 2 for the user's mistakes, 1 for failures, 130 after Ctrl-C. */
export async function main(argv: readonly string[]): Promise<void> {
  const debug = argv.includes('--debug');
  const rest = argv.filter((argument) => argument !== '--debug');
  try {
    const program = await createProgram(rest);
    program.hook('preAction', async () => {
      const { nameSetupPython } = await import('./machine/setup-state.js');
      nameSetupPython(process.env);
    });
    await program.parseAsync([...rest], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, debug);
  }
}

function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  console.error(debug && error instanceof Error ? error.stack : `lacuna: ${printable(message)}`);
  if (error instanceof LacunaError) return error.exitCode;
  if (!debug) console.error('(an error that Lacuna did not foresee: --debug shows where it arose)');
  return 1;
}
