import type { LineSelectivity } from '@lacuna/models';
import { writeCsv, type Cell } from '../../iqa/csv.js';
import type { SeenFilter, SeenLayer } from './first-layer.js';

/** Share of its magnitude that does not cancel from which a filter is said to average. */
const AVERAGING = 0.8;
/** Part along z from which a direction is said to lie along it. */
const UPRIGHT = Math.cos(Math.PI / 8);

/** What a filter answers to, in a few words; a direction where it is more selective than by chance. */
export function answersText({ lines }: Pick<SeenFilter, 'lines'>, { chance }: Pick<SeenLayer, 'chance'>): string {
  if (lines === null || chance === null) return '';
  const { selectivity, direction, symmetry, average } = lines;
  if (selectivity > chance) {
    const kind = symmetry < 0 ? 'edges' : 'lines';
    return `${kind} ${directionText(direction)}, selectivity ${selectivity.toFixed(2)}`;
  }
  const kind = average >= AVERAGING ? 'brightness' : 'no direction';
  return `${kind}, selectivity ${selectivity.toFixed(2)}`;
}

/**
 * A direction as it is seen: degrees in the plane, from the right upwards; of volumes "along z", or with what it leaves
 * the plane by.
 */
function directionText(direction: readonly number[]): string {
  if (direction.length === 2) return `at ${angleOf(direction)}°`;
  const [z, y, x] = direction;
  if (Math.abs(z) > UPRIGHT) return 'along z';
  const out = Math.round((Math.asin(Math.abs(z)) * 180) / Math.PI);
  return `at ${angleOf([y, x])}° in the plane, ${out}° out of it`;
}

/** Of (y, x), y downwards: 0 to 179. */
function angleOf([y, x]: readonly number[]): number {
  const angle = Math.round((Math.atan2(-y, x) * 180) / Math.PI);
  return (angle + 360) % 180;
}

/** "filter 3: 21 % of the energy; lines at 40°, selectivity 0.55; 2.8 times as strong along the network as off it" */
export function filterLine(filter: SeenFilter, layer: Pick<SeenLayer, 'chance'>): string {
  const { id, energy, onNetwork } = filter;
  const parts = [`${Math.round(100 * energy)} % of the energy`, answersText(filter, layer)];
  if (onNetwork !== null) parts.push(`${onNetwork.toPrecision(2)} times as strong along the network as off it`);
  return `filter ${id}: ${parts.filter((part) => part !== '').join('; ')}`;
}

/** All filters as a table. */
export function filterTable(filters: readonly SeenFilter[]): string {
  const axes = axesOf(filters);
  const header = [
    'filter',
    'energy',
    'selectivity',
    ...axes.map((axis) => `direction_${axis}`),
    'symmetry',
    'average',
    'on_network',
  ];
  const rows = filters.map(({ id, energy, lines, onNetwork }) => [
    id,
    short(energy),
    ...cellsOf(lines, axes.length),
    short(onNetwork),
  ]);
  return writeCsv([header, ...rows]);
}

/** Names of the axes of directions, z first; x, y where nobody knows. */
const axesOf = ([{ lines }]: readonly SeenFilter[]): readonly string[] =>
  lines?.direction.length === 3 ? ['z', 'y', 'x'] : ['y', 'x'];

function cellsOf(lines: LineSelectivity | null, axes: number): Cell[] {
  if (lines === null) return new Array<Cell>(axes + 3).fill('');
  const { selectivity, direction, symmetry, average } = lines;
  return [selectivity, ...direction, symmetry, average].map(short);
}

const short = (value: number | null): Cell => (value === null ? '' : Number(value.toPrecision(4)));
