import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { printable } from '@lacuna/core';

/** A cell: text or a number; nothing is an empty cell. */
export type Cell = string | number | null | undefined;

/**
 * CSV text (RFC 4180) of lines of cells. Text that a spreadsheet would take for a formula, such as `=HYPERLINK(1).tif`,
 * begins with an apostrophe; control characters are written as `\x1b`.
 */
export function writeCsv(lines: readonly (readonly Cell[])[]): string {
  return stringify(lines as Cell[][], { escape_formulas: true, cast: { string: printable, number: String } });
}

/** Cells of a CSV text, line by line. Empty lines are left out; lines may differ in length. */
export function readCsv(text: string): string[][] {
  return parse(text, {
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    bom: true,
    record_delimiter: ['\r\n', '\n'],
  });
}
