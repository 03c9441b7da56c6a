import { join, relative } from 'node:path';
import { dirname } from 'node:path';
import { FailureError, writeFileAtomic } from '@lacuna/core';
import { rankOverDataSets } from '../compare/compare-sweeps.js';
import { shownRankings } from '../compare/shown-rankings.js';
import { costsFromResults, drawRankings, drawScoresVsCost, drawTrainingCurves } from '../figures/index.js';
import { headlinesOf } from '../sweep/results/comparisons.js';
import { methodOrder } from '../sweep/spec/method-order.js';
import { recallsOf } from '../sweep/results/recall-curves.js';
import { CLAIM, judgeClaim } from './claim.js';
import { contributionsOf } from './contributions.js';
import { readStudies } from './kept-study.js';
import { resultsPage, type PageFigure } from './results-page.js';
import { studyComparisons, type StudyComparison } from './study-comparisons.js';

/** Where a results page and its figures go, and where its numbers lie. */
export interface ResultsPlaces {
  readonly from: string;
  readonly page: string;
  readonly images: string;
}

/**
 * Writes the results page with its figures from kept studies.
 * @returns the paths that were written.
 * @throws {FailureError} where no study is kept.
 */
export function writeResults({ from, page, images }: ResultsPlaces): string[] {
  const all = studyComparisons(readStudies(from));
  const comparisons = all.filter((each) => !isOfPeers(each));
  const peers = all.filter(isOfPeers);
  if (comparisons.length === 0)
    throw new FailureError({
      who: from,
      got: 'no study',
      wanted: 'kept numbers of finished sweeps',
      remedy: 'run lacuna results keep runs/<sweep>',
    });
  const written: string[] = [];
  const draw = (name: string, title: string, svg: string): PageFigure => {
    const path = join(images, `${name}.svg`);
    writeFileAtomic(path, svg);
    written.push(path);
    return { title, path: relative(dirname(page), path) };
  };
  const figures = new Map(comparisons.map((each) => [each.comparison.title, figuresOf(each, draw)]));
  const overall = rankingFigures(comparisons, draw);
  const verdicts = judgeClaim(comparisons);
  const contributions = contributionsOf(comparisons);
  writeFileAtomic(page, resultsPage({ comparisons, verdicts, contributions, peers, figures, overall }));
  return [page, ...written];
}

/** Studies that tools/bench/peers made: no part of the claim, which is about Lacuna's own methods. */
const isOfPeers = ({ study }: StudyComparison): boolean => study.name.startsWith('peers-');

type Draw = (name: string, title: string, svg: string) => PageFigure;

function figuresOf({ comparison }: StudyComparison, draw: Draw): PageFigure[] {
  const { title, results, ceilings } = comparison;
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const order = methodOrder(comparison);
  const cost = costsFromResults(results, { title, order, metrics: headlinesOf(comparison), ceilings });
  const recall = recallsOf(comparison);
  return [
    draw(`${name}-scores`, `${title}: scores against cost`, drawScoresVsCost(cost)),
    ...(recall === null
      ? []
      : [draw(`${name}-recall`, `${title}: recall against what is invented`, drawTrainingCurves(recall))]),
  ];
}

/** Mean ranks over the data sets on which the same methods have finished; none where there are too few. */
function rankingFigures(comparisons: readonly StudyComparison[], draw: Draw): PageFigure[] {
  const whole = comparisons.filter(({ comparison }) =>
    comparison.results.some(({ method, status }) => method === CLAIM.rival && status === 'finished'),
  );
  if (whole.length < 2) return [];
  const named = whole.map(({ comparison }) => ({ name: comparison.title, comparison }));
  return ['cldice', 'recall_at_invention_10'].map((metric) => {
    const title = `mean ranks by ${metric}`;
    return draw(`ranks-${metric}`, title, drawRankings(shownRankings(rankOverDataSets(named, { metric }))));
  });
}
