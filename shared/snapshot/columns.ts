import { runToCompletion } from '../turns.ts';
import type { ChunkedWork } from '../turns.ts';
import { foldCase } from './case-fold.ts';
import { slotCount } from './record-scan.ts';
import type { Member } from './record-scan.ts';
import type { RecordColumns } from './record-table.ts';
import { hasSameText, readCustomerId, readCustomerName, readFlag, readNumber } from './record-values.ts';
import type { ScannedRecord } from './record-values.ts';
import type { DocumentedMember } from './record.ts';
import { createNearbyRowFinder } from './nearby-row-finder.ts';

/** Stored records with the places of their values. */
export type ScannedLines = Pick<RecordColumns, 'offsets' | 'spans'> & {
  readonly count: number;
  /** NDJSON. */
  readonly lines: Buffer;
};

/** Columns filled on first use, one entry per row. */
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

/** All columns, one entry per row. */
export type UsageColumns = Omit<RecordColumns, 'offsets' | 'spans'> & LazyColumns;

type Lazy = keyof LazyColumns;
type LazySnapshot = ScannedLines & LazyColumns;

/** How each column is filled, from the lines or from another column. */
const columnFillers: { readonly [Name in Lazy]: (snapshot: LazySnapshot) => ChunkedWork<LazyColumns[Name]> } = {
  customerIds: (snapshot) => fill<string[]>([], snapshot, (record) => readCustomerId(record).toLowerCase()),
  customerNumbers: ({ customerIds }) => numberCustomers(customerIds),
  customerNames: (snapshot) => fill<string[]>([], snapshot, readCustomerName),
  foldedNames(snapshot) {
    const { customerNames } = snapshot;
    return fill<string[]>([], snapshot, (_, row) => foldCase(textAt(customerNames, row)));
  },
  totalCost: (snapshot) => fill(new Float64Array(snapshot.count), snapshot, readTotalCost),
  usdTotalCost: (snapshot) => fill(new Float64Array(snapshot.count), snapshot, readUsdTotalCost),
};

function readTotalCost(record: ScannedRecord): number {
  return readNumber(record, 'totalCost');
}

function readUsdTotalCost(record: ScannedRecord): number {
  return readFlag(record, 'isUpgraded') === true ? readNumber(record, 'usdTotalCost') : Number.NaN;
}

/** Filling this many rows of one column takes a few milliseconds. */
const rowsPerTurn = 10_000;
/** The same for all columns at once. */
const rowsPerTurnAllColumns = 2000;

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

/** The same number for rows with the same id, below the number of rows. */
function* numberCustomers(customerIds: readonly string[]): ChunkedWork<Uint32Array> {
  const numbers = new Uint32Array(customerIds.length);
  const known = new Map<string, number>();
  for (const [row, id] of customerIds.entries()) {
    if (row % rowsPerTurn === rowsPerTurn - 1) yield;
    const number = known.get(id) ?? known.size;
    known.set(id, number);
    numbers[row] = number;
  }
  return numbers;
}

/** Scanned records with the columns that were not read with them. */
export function withLazyColumns(scanned: ScannedLines): LazySnapshot {
  const fillNow = <Name extends Lazy>(name: Name): LazyColumns[Name] =>
    keep(snapshot, name, runToCompletion(columnFillers[name](snapshot)));
  const snapshot: LazySnapshot = {
    ...scanned,
    get customerIds() {
      return fillNow('customerIds');
    },
    get customerNumbers() {
      return fillNow('customerNumbers');
    },
    get customerNames() {
      return fillNow('customerNames');
    },
    get foldedNames() {
      return fillNow('foldedNames');
    },
    get totalCost() {
      return fillNow('totalCost');
    },
    get usdTotalCost() {
      return fillNow('usdTotalCost');
    },
  };
  return snapshot;
}

/** Puts a column in the place of its getter. */
function keep<Name extends Lazy>(snapshot: LazySnapshot, name: Name, value: LazyColumns[Name]): LazyColumns[Name] {
  Object.defineProperty(snapshot, name, { enumerable: true, value });
  return value;
}

/** Fills every column now, yielding in between, so that the first query does not block others. Reuses equal texts of `earlier`. */
export function* readColumns(snapshot: LazySnapshot, earlier?: LazySnapshot): ChunkedWork<void> {
  if (earlier !== undefined && lazyNames.every((name) => isLazy(snapshot, name))) {
    yield* readColumns(earlier);
    yield* fillInOnePass(snapshot, earlier);
  }
  for (const name of lazyNames) if (isLazy(snapshot, name)) yield* fillColumn(snapshot, name);
}

function isLazy(snapshot: LazySnapshot, name: Lazy): boolean {
  return Object.getOwnPropertyDescriptor(snapshot, name)?.get !== undefined;
}

function* fillColumn(snapshot: LazySnapshot, name: Lazy): ChunkedWork<void> {
  keep(snapshot, name, yield* columnFillers[name](snapshot));
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

/**
 * Fills columns from records in one pass, because it takes as long to get a record into the processor's cache as to read it. Most
 * customers are in one list after the other, and a text that is made anew takes time, memory and garbage collection.
 */
function* fillInOnePass(snapshot: LazySnapshot, earlier: LazySnapshot): ChunkedWork<void> {
  const { count } = snapshot;
  const [ids, names, folded]: [string[], string[], string[]] = [[], [], []];
  const [totalCost, usdTotalCost] = [new Float64Array(count), new Float64Array(count)];
  const isSame = (member: Member) => (row: number, earlierRow: number) =>
    hasSameText(scannedRecord(snapshot, row), scannedRecord(earlier, earlierRow), member);
  const findEarlier = createNearbyRowFinder(earlier.count, isSame('resourceId'));
  const isSameName = isSame('resourceName');
  for (let row = 0; row < count; row += 1) {
    if (row % rowsPerTurnAllColumns === rowsPerTurnAllColumns - 1) yield;
    const record = scannedRecord(snapshot, row);
    const place = findEarlier(row);
    ids.push(place < 0 ? readCustomerId(record).toLowerCase() : textAt(earlier.customerIds, place));
    const hasName = place >= 0 && isSameName(row, place);
    const name = hasName ? textAt(earlier.customerNames, place) : readCustomerName(record);
    names.push(name);
    folded.push(hasName ? textAt(earlier.foldedNames, place) : foldCase(name));
    totalCost[row] = readTotalCost(record);
    usdTotalCost[row] = readUsdTotalCost(record);
  }
  yield;
  keep(snapshot, 'customerIds', ids);
  keep(snapshot, 'customerNames', names);
  keep(snapshot, 'foldedNames', folded);
  keep(snapshot, 'totalCost', totalCost);
  keep(snapshot, 'usdTotalCost', usdTotalCost);
}

/** The record of a row with the places of its values. */
export function scannedRecord({ lines, offsets, spans }: Omit<ScannedLines, 'count'>, row: number): ScannedRecord {
  return { bytes: lines, start: Number(offsets[row]), spans, base: row * slotCount };
}

/** Whether what a row says in one of these members cannot be read. */
export function isUnreadable(
  { oddMembers }: Pick<UsageColumns, 'oddMembers'>,
  row: number,
  ...members: readonly DocumentedMember[]
): boolean {
  return oddMembers.size > 0 && members.some((member) => oddMembers.get(row)?.includes(member));
}

/** The text of a row; `''` where the column ends. */
export function textAt(column: readonly string[], row: number): string {
  return column[row] ?? '';
}
