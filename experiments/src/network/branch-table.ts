import { writeCsv } from '../iqa/csv.js';
import type { BranchColumn } from './branch-column.js';
import { numberText } from './graph-text.js';
import type { MeasuredNetwork } from './measured.js';

/** The first line of a table of branches; lengths bear their unit. */
export function branchHeader(unit: MeasuredNetwork['unit'], columns: readonly BranchColumn[] = []): string {
  return writeCsv([
    [
      'time',
      'branch',
      'from',
      'to',
      'from_kind',
      'to_kind',
      `length_${unit}`,
      `mean_radius_${unit}`,
      `min_radius_${unit}`,
      'tortuosity',
      'mean_intensity',
      'min_intensity',
      'weakness',
      ...columns.map(({ name }) => name),
    ],
  ]);
}

/** The branches of a time point's network, a line each. */
export function* branchRows(
  { nodes, branches }: MeasuredNetwork,
  time: number,
  columns: readonly BranchColumn[] = [],
): Generator<string> {
  for (const branch of branches) {
    const { id, from, to, length, meanRadius, minRadius, tortuosity, meanIntensity, minIntensity, weakness } = branch;
    const measured = [length, meanRadius, minRadius, tortuosity, meanIntensity, minIntensity, weakness];
    const numbers = [...measured, ...columns.map(({ values }) => values[id])];
    yield writeCsv([[time, id, from, to, nodes[from].kind, nodes[to].kind, ...numbers.map(numberText)]]);
  }
}
