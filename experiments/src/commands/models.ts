import type { Command } from 'commander';
import { listModels, renderModels } from '../models/list-models.js';
import { positiveInteger } from './options.js';

/** `lacuna models`: the families that a spec may name, and what each costs. */
export function register(program: Command): void {
  program
    .command('models')
    .description('list the models: parameters, work, receptive field, memory, source')
    .option('--factor <n>', 'enlargement', positiveInteger('--factor'), 4)
    .option('--channels <n>', 'channels of the image', positiveInteger('--channels'), 1)
    .option('--json', 'as JSON')
    .action(({ factor, channels, json }: { factor: number; channels: number; json?: boolean }) => {
      const entries = listModels({ factor, channels });
      console.log(json ? JSON.stringify(entries, null, 2) : renderModels(entries, { factor, channels }));
    });
}
