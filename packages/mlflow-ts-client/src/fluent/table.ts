import { MlflowInputError } from '../errors.js';

/** A table: columns by name, or rows of one shape. */
export type TableData = Readonly<Record<string, readonly unknown[]>> | readonly Readonly<Record<string, unknown>>[];

/**
 * pandas' `split` JSON, which MLflow's table view and `mlflow.load_table` read.
 * @throws {MlflowInputError} for columns of two lengths.
 */
export function tableToJson(table: TableData): string {
  if (Array.isArray(table)) {
    const rows = table as readonly Readonly<Record<string, unknown>>[];
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    return JSON.stringify({ columns, data: rows.map((row) => columns.map((column) => cell(row[column]))) });
  }
  const byName = table as Readonly<Record<string, readonly unknown[]>>;
  const columns = Object.keys(byName);
  const lengths = new Set(columns.map((column) => byName[column].length));
  if (lengths.size > 1)
    throw new MlflowInputError({
      who: 'logTable',
      got: `columns of ${[...lengths].join(' and ')} rows`,
      wanted: 'columns of one length',
      remedy: 'Fill the shorter ones with null.',
    });
  const height = lengths.size === 0 ? 0 : [...lengths][0];
  return JSON.stringify({
    columns,
    data: Array.from({ length: height }, (_, row) => columns.map((column) => cell(byName[column][row]))),
  });
}

/** JSON has no NaN and no undefined: pandas reads null as missing. */
function cell(value: unknown): unknown {
  return value === undefined ? null : value;
}
