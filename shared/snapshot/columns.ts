import { runToCompletion } from '../turns.ts';
import type { ChunkedWork } from '../turns.ts';
import { fold } from './case-fold.ts';
import { slotCount } from './record-scan.ts';
import type { RecordColumns } from './record-table.ts';
import { readCustomerId, readCustomerName, readFlag, readNumber } from './record-values.ts';
import type { ScannedRecord } from './record-values.ts';
import type { DocumentedMember } from './record.ts';

/** Stored records with the places of their values. */
export type ScannedLines = Pick<RecordColumns, 'offsets' | 'spans'> & {
  readonly count: number;
  /** NDJSON. */
  readonly lines: Buffer;
};

/** What filters and orders look at besides, one entry a row. Each column is made when first asked for. */
type LazyColumns = {
  /** Lower case. */
  readonly customerIds: readonly string[];
  /** The same number for rows of one customer, below `count`. */
  readonly customerNumbers: Uint32Array;
  /** As upstream wrote them; `''` when there is none. */
  readonly customerNames: readonly string[];
  /** For search and ordering: NFKC and case-folded. */
  readonly foldedNames: readonly string[];
  readonly totalCost: Float64Array;
  /** NaN on legacy rows too, whose 0 means "unknown". */
  readonly usdTotalCost: Float64Array;
};

/** What filters and orders look at, one entry a row. */
export type UsageColumns = Omit<RecordColumns, 'offsets' | 'spans'> & LazyColumns;

type Lazy = keyof LazyColumns;
type Snapshot = ScannedLines & LazyColumns;

/** How each column is made, from the lines or from another column. */
const makers: { readonly [Name in Lazy]: (snapshot: Snapshot) => ChunkedWork<LazyColumns[Name]> } = {
  customerIds: (snapshot) => fill<string[]>([], snapshot, (record) => readCustomerId(record).toLowerCase()),
  customerNumbers(snapshot) {
    const { customerIds } = snapshot;
    const customers = new Map<string, number>();
    return fill(new Uint32Array(snapshot.count), snapshot, (_, row) => {
      const id = textAt(customerIds, row);
      const known = customers.get(id);
      if (known !== undefined) return known;
      customers.set(id, customers.size);
      return customers.size - 1;
    });
  },
  customerNames: (snapshot) => fill<string[]>([], snapshot, readCustomerName),
  foldedNames(snapshot) {
    const { customerNames } = snapshot;
    return fill<string[]>([], snapshot, (_, row) => fold(textAt(customerNames, row)));
  },
  totalCost: (snapshot) =>
    fill(new Float64Array(snapshot.count), snapshot, (record) => readNumber(record, 'totalCost')),
  usdTotalCost: (snapshot) =>
    fill(new Float64Array(snapshot.count), snapshot, (record) =>
      readFlag(record, 'isUpgraded') === true ? readNumber(record, 'usdTotalCost') : Number.NaN,
    ),
};

/** Making this many entries of a column takes a few milliseconds. */
const rowsPerTurn = 10_000;

function* fill<Column extends { [row: number]: Column[number] }>(
  column: Column,
  snapshot: ScannedLines,
  readRow: (record: ScannedRecord, row: number) => Column[number],
): ChunkedWork<Column> {
  for (let row = 0; row < snapshot.count; row += 1) {
    if (row % rowsPerTurn === rowsPerTurn - 1) yield;
    column[row] = readRow(scannedRecord(snapshot, row), row);
  }
  return column;
}

/** Scanned records with the columns that were not read with them. */
export function withLazyColumns(scanned: ScannedLines): Snapshot {
  const make = <Name extends Lazy>(name: Name): LazyColumns[Name] =>
    keep(snapshot, name, runToCompletion(makers[name](snapshot)));
  const snapshot: Snapshot = {
    ...scanned,
    get customerIds() {
      return make('customerIds');
    },
    get customerNumbers() {
      return make('customerNumbers');
    },
    get customerNames() {
      return make('customerNames');
    },
    get foldedNames() {
      return make('foldedNames');
    },
    get totalCost() {
      return make('totalCost');
    },
    get usdTotalCost() {
      return make('usdTotalCost');
    },
  };
  return snapshot;
}

/** Puts a column in the place of its getter. */
function keep<Name extends Lazy>(snapshot: Snapshot, name: Name, value: LazyColumns[Name]): LazyColumns[Name] {
  Object.defineProperty(snapshot, name, { enumerable: true, value });
  return value;
}

/** Makes every column now, in turns: made when first asked for, they would keep other requests waiting. */
export function* readColumns(snapshot: Snapshot): ChunkedWork<void> {
  for (const name of lazyNames) {
    if (Object.getOwnPropertyDescriptor(snapshot, name)?.get !== undefined) yield* makeColumn(snapshot, name);
  }
}

function* makeColumn(snapshot: Snapshot, name: Lazy): ChunkedWork<void> {
  keep(snapshot, name, yield* makers[name](snapshot));
  yield;
}

const lazyNames: readonly Lazy[] = [
  'customerIds',
  'customerNumbers',
  'customerNames',
  'foldedNames',
  'totalCost',
  'usdTotalCost',
];

/** The record of a row with the places of its values. */
export function scannedRecord({ lines, offsets, spans }: Omit<ScannedLines, 'count'>, row: number): ScannedRecord {
  return { bytes: lines, start: numberAt(offsets, row), spans, base: row * slotCount };
}

/** Whether what a row says in one of these members cannot be read. */
export function isUnreadable(
  { oddMembers }: Pick<UsageColumns, 'oddMembers'>,
  row: number,
  ...members: readonly DocumentedMember[]
): boolean {
  return oddMembers.size > 0 && members.some((member) => oddMembers.get(row)?.includes(member));
}

/** The figure of a row; NaN where the column ends. */
export function numberAt(column: ArrayLike<number>, row: number): number {
  return column[row] ?? Number.NaN;
}

/** The text of a row; `''` where the column ends. */
export function textAt(column: readonly string[], row: number): string {
  return column[row] ?? '';
}
