import { join } from 'node:path';
import { writeFileAtomic } from '@lacuna/core';
import { writeJson } from '../../machine/json-file.js';
import type { Found } from '../../search/found.js';
import { foundCsv, withFound } from '../../search/found-text.js';
import type { Comparison } from '../results/comparison.js';
import { differencesOf } from './differences.js';
import { differencesCsv } from './differences-text.js';
import { leaderboardCsv } from './leaderboard-csv.js';
import { leaderboardText } from './leaderboard.js';
import { layout } from '../results/results.js';

/** Leaderboard and differences as text, CSV and JSON, and the points of a search. */
export function writeLeaderboard(comparisons: readonly Comparison[], folder: string, found: Found | null = null): void {
  writeFileAtomic(join(folder, 'leaderboard.txt'), `${withFound(found, leaderboardText(comparisons))}\n`);
  if (found) writeFileAtomic(layout.pointTable(folder), foundCsv(found));
  writeFileAtomic(join(folder, 'leaderboard.csv'), leaderboardCsv(comparisons));
  const differences = comparisons.flatMap((comparison) => differencesOf(comparison) ?? []);
  writeFileAtomic(join(folder, 'differences.csv'), differencesCsv(differences));
  writeJson(
    join(folder, 'leaderboard.json'),
    comparisons.map(({ title, results, ceilings }) => ({ title, results, ceilings })),
  );
}
