import { relative } from 'node:path';
import { formatBytes } from '@lacuna/core';
import { renderTable } from '@lacuna/sweep';
import { CLEANED, type Cleaned, type SweepLeavings } from './removable.js';

interface Row {
  readonly sweep: string;
  readonly kind: Cleaned;
  readonly trials: number;
  readonly bytes: number;
}

/** Bytes of everything that may go. */
export const bytesOfAll = (found: readonly SweepLeavings[]): number =>
  found.flatMap(({ removable }) => removable).reduce((sum, { bytes }) => sum + bytes, 0);

/** A table of what may go, a line for what is kept for MLflow's sake. */
export function describeLeavings(found: readonly SweepLeavings[]): string {
  const rows = found.flatMap(rowsOf);
  const table = renderTable(rows, [
    { title: 'sweep', align: 'left', text: ({ sweep }) => sweep },
    { title: 'what', align: 'left', text: ({ kind }) => kind },
    { title: 'trials', text: ({ trials }) => String(trials) },
    { title: 'size', text: ({ bytes }) => formatBytes(bytes) },
    { title: '', align: 'left', text: ({ kind }) => CLEANED[kind] },
  ]);
  const waiting = found.filter(({ undelivered }) => undelivered.length > 0).map(describeWaiting);
  return [...(rows.length === 0 ? [] : [table]), ...waiting].join('\n');
}

const here = (path: string): string => relative(process.cwd(), path) || path;

function rowsOf({ sweep, removable }: SweepLeavings): Row[] {
  return (Object.keys(CLEANED) as Cleaned[])
    .map((kind) => {
      const of = removable.filter((one) => one.kind === kind);
      return { sweep: here(sweep), kind, trials: of.length, bytes: of.reduce((sum, { bytes }) => sum + bytes, 0) };
    })
    .filter(({ trials }) => trials > 0);
}

const describeWaiting = ({ sweep, undelivered }: SweepLeavings): string =>
  `kept       ${new Set(undelivered).size} trials of ${here(sweep)} have not reached MLflow: lacuna sync delivers them`;
