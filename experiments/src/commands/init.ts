import type { Command } from 'commander';
import { initialise } from '../init/init.js';
import { positiveInteger } from './options.js';

interface Given {
  readonly out?: string;
  readonly factor?: number;
  readonly force?: boolean;
}

/** `lacuna init`: looks at a user's images and writes a spec for them. */
export function register(program: Command): void {
  program
    .command('init')
    .description('look at your images, say what was found, and write a commented spec that runs, with a picture')
    .argument(
      '<folder>',
      'of images: TIFF, OME-Zarr, PNG, JPEG; or of folders of them, fine and coarse scans among them',
    )
    .argument('[other]', 'a second folder with the coarse (or fine) scans of the same fields')
    .option('--out <spec>', 'where the spec goes (default: <folder>.yaml, here)')
    .option('--factor <n>', 'how many times coarser scans are (default: 4, or what fits)', positiveInteger('--factor'))
    .option('--force', 'write over what lies there')
    .action(async (folder: string, other: string | undefined, given: Given) => {
      await initialise(other === undefined ? [folder] : [folder, other], given);
    });
}
