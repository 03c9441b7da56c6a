import type { Command } from 'commander';
import { specPage } from '../sweep/spec/spec-page.js';
import { specJsonSchema } from '../sweep/spec/spec-schema.js';

/** `lacuna schema`: the JSON Schema of specs, for editors; or the page of all fields. */
export function register(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of specs, for editors that complete and check YAML')
    .option('--markdown', 'the page of all fields (docs/spec.md) instead')
    .action(({ markdown }: { markdown?: boolean }) => {
      process.stdout.write(markdown ? specPage() : `${JSON.stringify(specJsonSchema(), null, 2)}\n`);
    });
}
