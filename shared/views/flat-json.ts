import type { Column, FieldKind } from './flat-fields.ts';

/** Rows as JSON objects with commas between, behind `start` and before `end`, one piece a row. */
export function* renderFlatJson<Field extends string>(
  rows: Iterable<Readonly<Record<Field, string>>>,
  columns: readonly Column<Field>[],
  start: string,
  end: string,
): Iterable<string> {
  const formatRow = createFlatJson(columns);
  yield start;
  let between = '';
  for (const row of rows) {
    yield between + formatRow(row);
    between = ',';
  }
  yield end;
}

/** Writes rows as JSON objects of all columns: a missing number, flag or date is null, a missing text empty. */
export function createFlatJson<Field extends string>(
  columns: readonly Column<Field>[],
): (row: Readonly<Record<Field, string>>) => string {
  const members = columns.map(({ field, kind }, position) => ({
    field,
    kind,
    key: `${position === 0 ? '{' : ','}"${field}":`,
  }));
  return function formatRow(row) {
    let json = '';
    for (const { field, kind, key } of members) json += key + formatValue(kind, row[field]);
    return `${json}}`;
  };
}

function formatValue(kind: FieldKind, text: string): string {
  switch (kind) {
    case 'digits':
    case 'flag':
      return text === '' ? 'null' : text;
    case 'date':
      return text === '' ? 'null' : `"${text}"`;
    case 'word':
      return `"${text}"`;
    case 'text':
      return JSON.stringify(text);
  }
}
