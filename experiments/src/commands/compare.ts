import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { InputError, writeFileAtomic } from '@lacuna/core';
import { rankOverDataSets, type NamedComparison } from '../compare/compare-sweeps.js';
import { rankingsCsv, rankingsText } from '../compare/ranking-text.js';
import { shownRankings } from '../compare/shown-rankings.js';
import { loadExtensionsOfSweep } from '../extensions/in-spec.js';
import { drawFigures } from '../figures/index.js';
import { comparisonsOf } from '../sweep/results/comparisons.js';
import { readStoredSweep } from '../sweep/plan/stored-sweep.js';

interface CompareOptions {
  readonly metric?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** `lacuna compare`: methods over the data sets of several sweeps. */
export function register(program: Command): void {
  program
    .command('compare')
    .description('rank methods over the data sets of several sweeps: Friedman, critical differences')
    .argument('<folders...>', "sweeps' folders; each point of their axes is a data set")
    .option('--metric <name>', 'a score of the sweeps (default: those of summaries, at both levels)')
    .option('--out <folder>', 'tables as CSV and the diagram (SVG, PDF, PNG) go there')
    .option('--json', 'print JSON')
    .action(compareCommand);
}

async function compareCommand(folders: readonly string[], options: CompareOptions): Promise<void> {
  const paths = folders.map((folder) => resolve(folder));
  const twice = paths.find((path, i) => paths.indexOf(path) < i);
  if (twice !== undefined)
    throw new InputError({
      who: 'compare',
      got: `${twice} twice`,
      wanted: 'each folder once',
      remedy: 'leave one out',
    });
  for (const path of paths) await loadExtensionsOfSweep(path);
  const rankings = rankOverDataSets(
    namedComparisons(paths),
    options.metric === undefined ? {} : { metric: options.metric },
  );
  if (options.json) process.stdout.write(`${JSON.stringify(rankings, null, 2)}\n`);
  else console.log(rankingsText(rankings));
  if (options.out === undefined) return;
  writeFileAtomic(join(options.out, 'ranks.csv'), rankingsCsv(rankings));
  const [figure] = await drawFigures({ rankings: [shownRankings(rankings)] }, options.out);
  console.error(`${join(options.out, 'ranks.csv')}\n${figure.svg}`);
}

/** Data sets under the title of their comparison, with the folder's name before it where several would be alike. */
function namedComparisons(paths: readonly string[]): NamedComparison[] {
  const all = paths.flatMap((path) => {
    const sweep = readStoredSweep(path);
    return comparisonsOf(sweep, path).map((comparison) => ({ folder: basename(path), comparison }));
  });
  const titles = all.map(({ comparison }) => comparison.title);
  return all.map(({ folder, comparison }, i) => {
    const { title } = comparison;
    const isAlone = titles.every((other, j) => j === i || other !== title);
    return { name: isAlone ? title : `${folder}: ${title}`, comparison };
  });
}
