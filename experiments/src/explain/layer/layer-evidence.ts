import { percentileOfSorted, type Image } from '@lacuna/core';
import { drawEvidence, drawFirstLayer, type EvidenceCell } from '../../figures/index.js';
import { strongestAlongZ } from '../../figures/volumes/projections.js';
import type { Evidence } from '../evidence.js';
import { answersText, filterLine, filterTable } from './filter-text.js';
import { firstLayerOn, type SeenFilter, type SeenLayer } from './first-layer.js';
import { headsEvidence } from './heads-evidence.js';
import { middleOf, type LookedAt } from '../looked-at.js';
import { shownImage } from '../shown.js';
import type { Subject } from '../subject.js';

/** Longest sides of the part of a scan that filters are tried on. */
const SIDES = { plane: 256, volume: 48 };
/** Share of a map that is drawn within its span: the rest is as strong or stronger. */
const DRAWN = 0.95;
/** Filters whose maps are drawn, and those that are described by a line. */
const SHOWN = 5;
const TOLD = 3;

/** What the first layer sees: its filters, what they answer to, their maps on the scan; what the heads say. */
export async function layerEvidence(subject: Subject): Promise<Evidence> {
  const { model, name, lr } = subject;
  const at = middleOf(lr, model, SIDES);
  const layer = await firstLayerOn(at, subject);
  const heads = await headsEvidence(subject);
  const { filters } = layer;
  const top = Math.ceil(filters.length / 4);
  const strongest = filters.slice(0, top).reduce((sum, { energy }) => sum + energy, 0);
  const kernel = layer.kernel.at(-1)!;
  const selectivity = meanSelectivity(filters);
  const cuts = layer.kernel.length === 3 ? ', cut through the middle: xy, xz, yz' : '';
  const about =
    selectivity === null
      ? ''
      : `; selectivity for directions ${selectivity.toFixed(2)}, weighted by energy ` +
        `(of 95 in 100 random filters below ${layer.chance!.toFixed(2)})`;
  return {
    columns: [],
    lines: [
      `${filters.length} filters of ${layer.kernel.join(' x ')} pixels; ${Math.round(100 * strongest)} % of their ` +
        `energy on the scan is made by ${top} of them${about}`,
      ...filters.slice(0, TOLD).map((filter) => filterLine(filter, layer)),
      ...heads.lines,
    ],
    facts: {
      filters: filters.length,
      kernel,
      energy_of_strongest_quarter: strongest,
      direction_selectivity: selectivity,
      chance_selectivity: layer.chance,
      ...heads.facts,
    },
    tables: [{ name: 'filters.csv', text: filterTable(filters) }],
    figures: [
      {
        name: 'layer',
        svg: drawFirstLayer({
          title: `What the first layer sees: ${model.label}`,
          note: `share of the layer's energy on ${name}; each filter has a span of its own${cuts}`,
          filters: filters.map((filter) => ({ ...filter, answers: answersText(filter, layer) })),
        }),
      },
      {
        name: 'activation',
        svg: drawEvidence({
          title: `What the strongest filters answer to: ${name}, ${model.label}`,
          note:
            'responses before the bias: blue above 0, vermillion below, each within a span of its own (95 % of the ' +
            `map)${depthNote(at)}`,
          cells: [
            { ...shownImage(at.scan), heading: 'Scan', note: 'as the layer sees it' },
            ...filters.slice(0, SHOWN).map((filter) => mapOf(filter, layer, at.scan)),
          ],
        }),
      },
      ...heads.figures,
    ],
  };
}

const depthNote = ({ scan }: LookedAt): string =>
  scan.depth > 1 ? '; of each column along z the strongest response' : '';

/** Mean selectivity of the filters, each by its share of the energy; null where nobody knows it. */
function meanSelectivity(filters: readonly SeenFilter[]): number | null {
  if (filters.some(({ lines }) => lines === null)) return null;
  return filters.reduce((sum, { energy, lines }) => sum + energy * lines!.selectivity, 0);
}

/** The map of a filter on the scan. */
function mapOf(filter: SeenFilter, layer: SeenLayer, { pixelSize, width }: Image): EvidenceCell {
  const { width: columns, height, depth } = layer.grid;
  const data = strongestAlongZ(filter.response, depth);
  const span = percentileOfSorted(data.map(Math.abs).sort(), DRAWN) || 1;
  const step = width / columns;
  return {
    heading: `Filter ${filter.id}, ${Math.round(100 * filter.energy)} % of the energy`,
    note: answersText(filter, layer),
    image: { data, width: columns, height },
    window: [-span, span],
    signed: true,
    pixelSize: pixelSize && { ...pixelSize, x: pixelSize.x * step, y: pixelSize.y * step },
  };
}
