import type { Column, FieldKind } from './flat-fields.ts';
import { guardFormula } from './formula-guard.ts';

/** What stands between two cells, by the value of `csvSeparator`. */
export const csvSeparators = { comma: ',', semicolon: ';', tab: '\t' } as const;

export type CsvSeparator = keyof typeof csvSeparators;

/** Excel takes a file for UTF-8 only with this in front. */
const byteOrderMark = '\uFEFF';
const lineEnd = '\r\n';

/** Quoted whatever the separator is, so that a program that guesses another one reads the same cells. */
const needsQuotes = /[",;\t\r\n]|^\s|\s$/;

/**
 * Rows of texts as CSV (RFC 4180), for histories; flat-csv.ts writes lists, from bytes. After a byte-order mark come a header and a
 * line for each row, each ended by CR LF and a piece of its own. Numbers are the digits Partner Center wrote, with a dot; a missing one
 * is an empty cell. Texts that begin like a formula get an apostrophe in front.
 */
export function* renderCsv<Field extends string>(
  rows: Iterable<Readonly<Record<Field, string>>>,
  columns: readonly Column<Field>[],
  separator: CsvSeparator = 'comma',
): Iterable<string> {
  const between = csvSeparators[separator];
  yield formatCsvHeader(columns, separator);
  for (const row of rows) {
    let line = '';
    for (const { field, kind } of columns)
      line += (field === columns[0]?.field ? '' : between) + formatCell(kind, row[field]);
    yield line + lineEnd;
  }
}

/** The first line, with the byte-order mark in front. */
export function formatCsvHeader(columns: readonly { readonly field: string }[], separator: CsvSeparator): string {
  return byteOrderMark + columns.map(({ field }) => field).join(csvSeparators[separator]) + lineEnd;
}

function formatCell(kind: FieldKind, text: string): string {
  return kind === 'text' ? formatTextCell(text) : text;
}

/** The cell of a text from upstream, guarded and quoted where it must be. */
export function formatTextCell(text: string): string {
  const safe = guardFormula(text);
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
