import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { InputError, nearestName, readRegularFile } from '@lacuna/core';
import type { Role } from '../split/place.js';

/** One line of a manifest. */
export interface ManifestRow {
  readonly path: string;
  readonly specimen: string;
  readonly role: Role | null;
  /** A measured coarse scan of the same field. */
  readonly lr: string | null;
}

const columns = ['path', 'specimen', 'role', 'lr'] as const;
const roles: readonly Role[] = ['training', 'validation', 'test'];

/**
 * Reads a CSV manifest: a header, then one image a line. `path` (relative to the manifest) is required; `specimen`
 * says which images show the same piece of tissue (each its own by default, named by its path from the manifest);
 * `role` is training, validation or test, for every line or for none; `lr` is a measured coarse scan, for every line or
 * for none.
 * @throws {InputError} with the line, for anything else, for an image listed twice and for a specimen with two roles.
 */
export function readManifest(path: string): ManifestRow[] {
  return parseManifest(path, readRegularFile(path, 'a CSV manifest').toString('utf8'));
}

/** A file's path from a folder, however it is written. */
const nameFrom = (folder: string, path: string): string => relative(folder, path).split(sep).join('/').normalize('NFC');

/** {@link readManifest} of a text; `path` is for messages and for relative paths. */
export function parseManifest(path: string, text: string): ManifestRow[] {
  const [header, ...lines] = parseCsv(path, text);
  if (!header || lines.length === 0)
    throw new InputError({
      who: path,
      got: 'no images',
      wanted: `a header (${columns.join(',')}) and one image a line`,
    });
  const names = header.cells.map((name) => name.trim().toLowerCase());
  for (const name of names) {
    if (columns.some((known) => known === name)) continue;
    const near = nearestName(name, columns);
    throw new InputError({
      who: `${path}:1`,
      got: `column ${JSON.stringify(name)}`,
      wanted: columns.join(', '),
      ...(near ? { remedy: `did you mean ${near}?` } : {}),
    });
  }
  if (!names.includes('path'))
    throw new InputError({ who: `${path}:1`, got: `columns ${names.join(', ')}`, wanted: 'a column path' });
  const base = dirname(resolve(path));
  const from = (name: string) => (isAbsolute(name) ? name : resolve(base, name));
  const rows = lines.map(({ cells, line }) => {
    const who = `${path}:${line}`;
    if (cells.length !== names.length)
      throw new InputError({ who, got: `${cells.length} cells`, wanted: `${names.length}, as in the header` });
    const cell = (column: (typeof columns)[number]) =>
      names.includes(column) ? cells[names.indexOf(column)].trim() : '';
    const role = cell('role').toLowerCase();
    const image = cell('path');
    if (!image) throw new InputError({ who, got: 'an empty path', wanted: 'the path of an image' });
    if (role && !roles.some((known) => known === role))
      throw new InputError({ who, got: `role ${role}`, wanted: roles.join(', ') });
    return {
      path: from(image),
      specimen: cell('specimen') || nameFrom(base, from(image)),
      role: (role || null) as Role | null,
      lr: cell('lr') ? from(cell('lr')) : null,
      line,
    };
  });
  for (const column of ['role', 'lr'] as const) {
    const without = rows.find((row) => row[column] === null);
    if (without && rows.some((row) => row[column] !== null))
      throw new InputError({
        who: `${path}:${without.line}`,
        got: `no ${column}`,
        wanted: `a ${column} in every line or in none`,
      });
  }
  const listed = new Map<string, number>();
  for (const row of rows) {
    const before = listed.get(row.path);
    if (before !== undefined)
      throw new InputError({
        who: `${path}:${row.line}`,
        got: `${row.path}, as in line ${before}`,
        wanted: 'each image once',
        remedy: 'take one of the lines away',
      });
    listed.set(row.path, row.line);
  }
  const first = new Map<string, (typeof rows)[number]>();
  for (const row of rows) {
    const before = first.get(row.specimen);
    if (before && before.role !== row.role)
      throw new InputError({
        who: `${path}:${row.line}`,
        got: `specimen ${row.specimen} for ${row.role}`,
        wanted: `${before.role}, as in line ${before.line}`,
        remedy: 'a specimen has one role: scores of what was trained on mean nothing',
      });
    if (!before) first.set(row.specimen, row);
  }
  if (rows[0].role !== null) {
    const missing = roles.find((role) => rows.every((row) => row.role !== role));
    if (missing)
      throw new InputError({
        who: path,
        got: `no image for ${missing}`,
        wanted: 'at least one image for each of training, validation and test',
      });
  }
  return rows.map(({ line: _, ...row }) => row);
}

/**
 * RFC 4180: commas, quotes that double, lines that end by LF or CRLF. Empty lines and lines that begin with # are left
 * out.
 */
function parseCsv(path: string, text: string): { cells: string[]; line: number }[] {
  const rows: { cells: string[]; line: number }[] = [];
  try {
    parse(text, {
      bom: true,
      record_delimiter: ['\r\n', '\n'],
      comment: '#',
      comment_no_infix: true,
      relax_column_count: true,
      relax_quotes: true,
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      on_record: (cells: string[], { lines }) => {
        rows.push({ cells, line: lines });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? `:${error['lines']}` : '';
    throw unreadable(`${path}${line}`, error);
  }
  return rows;
}

function unreadable(who: string, error: CsvError): InputError {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return new InputError({ who, got: 'a quote that does not end', wanted: 'a closing quote' }, { cause: error });
  return new InputError({ who, got: error.message.split('\n')[0], wanted: 'comma-separated lines' }, { cause: error });
}
