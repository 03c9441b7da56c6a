import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '@lacuna/core';
import { serveFolder } from '../demo/serve.js';
import { sizeText, writeDemo, type DemoOptions } from '../demo/write-demo.js';
import { parseRange } from '../upscale/options.js';

interface Given {
  readonly out?: string;
  readonly serve?: boolean;
  readonly port?: number;
  readonly by?: string;
  readonly method?: string;
  readonly trackingUri?: string;
  readonly range?: readonly [number, number];
  readonly force?: boolean;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InputError({ who: '--port', got: text, wanted: 'a whole number from 0 (any free one) to 65535' });
  return port;
}

/** `lacuna demo`: a page that enlarges images in a browser. */
export function register(program: Command): void {
  program
    .command('demo')
    .description('a page that enlarges images and reads their network in a browser, on the machine that opens it')
    .argument(
      '<model>',
      'an ONNX file, a checkpoint, a model package, the folder of a trial or sweep, an MLflow run id or experiment',
    )
    .option('--out <folder>', 'a folder that any web server can show')
    .option('--serve', 'show it at 127.0.0.1 until Ctrl-C')
    .option('--port <number>', 'of --serve (default: any free one)', portNumber)
    .option('--range <low,high>', 'black and white of an ONNX file that does not say them', parseRange('--range'))
    .option(
      '--by <metric>',
      'of a sweep or experiment: the model with the best validation score (default: what its spec selects by)',
    )
    .option('--method <name>', 'of a sweep or experiment: models of this method only')
    .option('--tracking-uri <uri>', 'the MLflow server that knows the run')
    .option('--force', 'write into a folder that holds other files')
    .action(async (model: string, given: Given) => {
      if (given.out === undefined && !given.serve)
        throw new InputError({
          who: 'lacuna demo',
          got: 'neither --out nor --serve',
          wanted: 'a folder to write, or to show the page at once',
          remedy: 'add --out FOLDER, or --serve',
        });
      const options: DemoOptions = {
        by: given.by ?? null,
        method: given.method ?? null,
        trackingUri: given.trackingUri ?? null,
        range: given.range ?? null,
        force: given.force ?? false,
      };
      if (given.out !== undefined) await write(model, given.out, options);
      if (given.serve) await serve(model, given, options);
    });
}

async function write(model: string, folder: string, options: DemoOptions): Promise<void> {
  const written = await writeDemo(model, folder, options);
  console.log(`${written.label}: ${folder}, ${sizeText(written)}`);
}

/** Shows the folder, or a temporary one, until it is told to stop. */
async function serve(model: string, { out, port = 0 }: Given, options: DemoOptions): Promise<void> {
  const folder = out ?? mkdtempSync(join(tmpdir(), 'lacuna-demo-'));
  try {
    if (out === undefined) await writeDemo(model, folder, options);
    const server = await serveFolder(folder, port);
    console.log(`${server.address} (Ctrl-C ends it)`);
    await new Promise<void>((stopped) => {
      process.once('SIGINT', stopped);
      process.once('SIGTERM', stopped);
    });
    await server.close();
  } finally {
    if (out === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
