import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadExtensionsOfSweep } from '../extensions/in-spec.js';
import { keepStudy, restoreStudy } from '../study/keep-study.js';
import { readStudy } from '../study/kept-study.js';
import { resultsOfFolders, stabilityOf, stabilityTable, writeTable } from '../study/stability.js';
import { writeResults } from '../study/write-results.js';
import { sweepFolder } from '../sweep/plan/sweep-folder.js';

/** Where the repository keeps the numbers of its studies. */
const KEPT = join('docs', 'results');

/** `lacuna results`: numbers of finished sweeps, kept and turned into a page. */
export function register(program: Command): void {
  const results = program
    .command('results')
    .description('keep the numbers of finished sweeps, and write the results page from them');
  results
    .command('keep')
    .description('keep the numbers of a sweep, beside those that were kept of it before')
    .argument('<folders...>', "sweeps' folders, such as runs/study-retina-x4")
    .option('--into <folder>', 'where they are kept', KEPT)
    .action(keepCommand);
  results
    .command('restore')
    .description('write kept numbers back into a sweep folder: lacuna sweep then runs what is missing')
    .argument('<files...>', 'kept numbers, such as docs/results/study-retina-x4.json')
    .option('--out <folder>', "the sweep's folder (default: runs/<its name>)")
    .action(restoreCommand);
  results
    .command('stability')
    .description('how often each method diverged or collapsed over its seeds, and how far its seeds lie apart')
    .argument('<folders...>', 'folders of one sweep, or of its parts')
    .option('--reference <method>', 'an interpolation: a trial below it has collapsed', 'bicubic')
    .option('--page <file>', 'writes the table between its marks of this page; printed where left out')
    .option('--table <name>', 'which marks: <!-- stability: NAME -->', 'methods')
    .action(stabilityCommand);
  results
    .command('page', { isDefault: true })
    .description('write the page and its figures from what is kept')
    .option('--from <folder>', 'kept numbers', KEPT)
    .option('--page <file>', 'the page', join('docs', 'results.md'))
    .option('--images <folder>', 'where its figures go', join('docs', 'images', 'results'))
    .action(pageCommand);
}

async function keepCommand(folders: readonly string[], { into }: { readonly into: string }): Promise<void> {
  for (const folder of folders) {
    await loadExtensionsOfSweep(resolve(folder));
    const { path, trials, added, dropped } = keepStudy(resolve(folder), into);
    const gone = dropped === 0 ? '' : `, ${dropped} of an earlier plan dropped`;
    console.log(`${path}: ${trials} trials, ${added} new${gone}`);
  }
}

function restoreCommand(files: readonly string[], { out }: { readonly out?: string }): void {
  for (const file of files) {
    const study = readStudy(file);
    const folder = sweepFolder(study.name, out);
    console.log(`${folder}: ${restoreStudy(study, folder)} trials restored`);
  }
}

interface StabilityOptions {
  readonly reference: string;
  readonly page?: string;
  readonly table: string;
}

function stabilityCommand(folders: readonly string[], { reference, page, table: name }: StabilityOptions): void {
  const table = stabilityTable(stabilityOf(resultsOfFolders(folders), reference));
  console.log(table);
  if (page !== undefined) writeTable(page, name, table);
}

function pageCommand(options: { readonly from: string; readonly page: string; readonly images: string }): void {
  for (const path of writeResults(options)) console.log(path);
}
