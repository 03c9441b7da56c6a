import { drawRankings } from './charts/critical-difference.js';
import { drawComparedNetworks } from './compared/compared-networks.js';
import { drawDisagreement } from './charts/disagreement.js';
import { drawFilterBank } from './evidence/filter-bank.js';
import { drawPanel } from './panel/panel.js';
import type { FigureFormat } from './drawing/formats.js';
import { renderFigure, type FigureFiles } from './drawing/render.js';
import { drawScoresVsCost } from './charts/scores-vs-cost.js';
import { drawFront, drawHistory } from './charts/search.js';
import { drawTrainingCurves } from './charts/training-curves.js';
import type { FigureData } from './types.js';
import { drawVolume } from './volumes/volume.js';

/** One figure on disk. */
export interface DrawnFigure extends FigureFiles {
  /**
   * Its file name without extension: panel, panel-2, volume, scores-vs-cost, training-curves, disagreement, filters,
   * networks, critical-difference, pareto-front, search.
   */
  readonly name: string;
  readonly title: string;
}

/** Draws every figure of the data as SVG, and in the other formats, into a folder, one after the other. */
export async function drawFigures(
  data: FigureData,
  outDir: string,
  formats?: readonly FigureFormat[],
): Promise<DrawnFigure[]> {
  const plans = [
    ...(data.searches ?? []).flatMap((search, i) => [
      { name: numbered('pareto-front', i), title: search.title, draw: () => drawFront(search) },
      { name: numbered('search', i), title: search.title, draw: () => drawHistory(search) },
    ]),
    ...(data.panels ?? []).map((panel, i) => ({
      name: numbered('panel', i),
      title: panel.title,
      draw: () => drawPanel(panel),
    })),
    ...(data.volumes ?? []).map((volume, i) => ({
      name: numbered('volume', i),
      title: volume.title,
      draw: () => drawVolume(volume),
    })),
    ...(data.costs ?? []).map((cost, i) => ({
      name: numbered('scores-vs-cost', i),
      title: cost.title,
      draw: () => drawScoresVsCost(cost),
    })),
    ...(data.curves ?? []).map((curve, i) => ({
      name: numbered('training-curves', i),
      title: curve.title,
      draw: () => drawTrainingCurves(curve),
    })),
    ...(data.recalls ?? []).map((recall, i) => ({
      name: numbered('recall-at-invention', i),
      title: recall.title,
      draw: () => drawTrainingCurves(recall),
    })),
    ...(data.banks ?? []).map((bank, i) => ({
      name: numbered('filters', i),
      title: bank.title,
      draw: () => drawFilterBank(bank),
    })),
    ...(data.compared ?? []).map((pair, i) => ({
      name: numbered('networks', i),
      title: pair.title,
      draw: () => drawComparedNetworks(pair),
    })),
    ...(data.disagreements ?? []).map((found, i) => ({
      name: numbered('disagreement', i),
      title: found.title,
      draw: () => drawDisagreement(found),
    })),
    ...(data.rankings ?? []).map((ranking, i) => ({
      name: numbered('critical-difference', i),
      title: ranking.title,
      draw: () => drawRankings(ranking),
    })),
  ];
  const drawn: DrawnFigure[] = [];
  for (const { name, title, draw } of plans)
    drawn.push({ name, title, ...(await renderFigure(draw(), { outDir, name, formats })) });
  return drawn;
}

function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}-${index + 1}`;
}
