import { flatFieldKinds } from './flat-fields.ts';
import type { FlatField } from './flat-fields.ts';
import type { FlatRow } from './flat-row.ts';

/** Flat rows as JSON objects of `fields` with commas between, one piece a row. */
export function* renderFlatJson(rows: Iterable<FlatRow>, fields: readonly FlatField[]): Iterable<string> {
  const formatRow = createFlatJson(fields);
  let between = '';
  for (const row of rows) {
    yield between + formatRow(row);
    between = ',';
  }
}

/** Writes rows as JSON objects of `fields`, each always there: a missing number, flag or date is null, a missing text empty. */
export function createFlatJson(fields: readonly FlatField[]): (row: FlatRow) => string {
  const members = fields.map((field, position) => ({
    field,
    kind: flatFieldKinds[field],
    key: `${position === 0 ? '{' : ','}"${field}":`,
  }));
  return function formatRow(row) {
    let json = '';
    for (const { field, kind, key } of members) json += key + formatValue(kind, row[field]);
    return `${json}}`;
  };
}

function formatValue(kind: (typeof flatFieldKinds)[FlatField], text: string): string {
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
