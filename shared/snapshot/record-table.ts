import { scanRecord, slotCount } from './record-scan.ts';
import { hasCustomerId, readFlag, readNumber } from './record-values.ts';
import type { ScannedRecord } from './record-values.ts';
import { findOddMembers, parseInstant } from './record.ts';
import type { DocumentedMember } from './record.ts';
import { createRepeatedTextReader } from './repeated-texts.ts';

/** What is read of every record when it arrives, one entry a row. `NaN` means that a row has none, or that it cannot be read. */
export type RecordColumns = {
  /** Line `row` of the stored lines is `lines[offsets[row] .. offsets[row + 1] - 1)`, without the line feed. */
  readonly offsets: Uint32Array;
  /** The slots of each row, one row after the other: see record-scan.ts. */
  readonly spans: Uint32Array;
  /** 1: Azure plan, 0: legacy, 2: cannot be read. */
  readonly isUpgraded: Uint8Array;
  readonly percentUsed: Float64Array;
  readonly budgetAmount: Float64Array;
  /** Epoch milliseconds. */
  readonly lastModified: Float64Array;
  /** Position in `currencies`; -1 for a row without a code, -2 where it cannot be read. */
  readonly currency: Int32Array;
  readonly currencies: readonly string[];
  /** The members that are not of the documented kind, by row; most lists have none. */
  readonly oddMembers: ReadonlyMap<number, readonly DocumentedMember[]>;
};

/** Rows under construction. */
export type RecordTable = {
  readonly count: number;
  /** Bytes of all lines. */
  readonly length: number;
  /** Scans the record that opens here and returns where it ends. Throws JsonError. `blanks`: its whitespace outside strings. */
  scan(bytes: Buffer, start: number): number;
  readonly blanks: number;
  /** Adds the record scanned last, which is now at `start`, without that whitespace. Returns false if it names no customer. */
  add(bytes: Buffer, start: number, length: number): boolean;
  /** Makes room for this many rows in all, so that no column grows in steps. */
  reserve(rows: number): void;
  /** Drops all rows from this one on. */
  truncate(count: number): void;
  build(): RecordColumns;
};

const leastCapacity = 1024;
/** Columns that are filled to this share become those of the snapshot. */
const leastFilled = 0.9;

/**
 * Reads the columns of records as they arrive, while their bytes are in the processor's cache. When a little fewer come than expected,
 * nothing is copied.
 */
export function createRecordTable(expectedRecords = 0): RecordTable {
  let columns = allocateColumns(Math.max(leastCapacity, expectedRecords));
  let count = 0;
  const found = { spans: columns.spans, base: 0, blanks: 0 };
  // Rows of one batch at Partner Center have the same stamp, and reading one costs as much as the rest of a row.
  const readInstant = createRepeatedTextReader('lastModifiedDate', parseInstant);
  const readCurrency = createRepeatedTextReader('currencyCode', (code) => code);
  const currencies: string[] = [];
  const currencyNumbers = new Map<string, number>();
  const oddMembers = new Map<number, readonly DocumentedMember[]>();

  function scan(bytes: Buffer, start: number): number {
    if (count === columns.percentUsed.length) reserve(2 * count);
    found.spans = columns.spans;
    found.base = count * slotCount;
    return scanRecord(bytes, start, found);
  }

  function add(bytes: Buffer, start: number, length: number): boolean {
    const record: ScannedRecord = { bytes, start, spans: columns.spans, base: count * slotCount };
    if (!hasCustomerId(record)) return false;
    columns.offsets[count + 1] = Number(columns.offsets[count]) + length + 1;
    columns.isUpgraded[count] = Number(readFlag(record, 'isUpgraded') ?? 2);
    columns.percentUsed[count] = readNumber(record, 'percentUsed');
    columns.budgetAmount[count] = readNumber(record, 'amount');
    const instant = readInstant(record);
    columns.lastModified[count] = instant;
    const members = findOddMembers(record);
    const isDateOdd = Number.isNaN(instant) && !members.includes('lastModifiedDate');
    const odd = isDateOdd ? [...members, 'lastModifiedDate' as const] : members;
    if (odd.length > 0) oddMembers.set(count, odd);
    columns.currency[count] = odd.includes('currencyCode') ? -2 : numberCurrency(readCurrency(record));
    count += 1;
    return true;
  }

  function reserve(rows: number): void {
    if (rows > columns.percentUsed.length) columns = copyColumns(columns, rows, count);
  }

  function numberCurrency(code: string): number {
    if (code === '') return -1;
    const known = currencyNumbers.get(code);
    if (known !== undefined) return known;
    currencyNumbers.set(code, currencies.length);
    return currencies.push(code) - 1;
  }

  function truncate(rows: number): void {
    for (const row of oddMembers.keys()) if (row >= rows) oddMembers.delete(row);
    // Codes are numbered in the order of their first row.
    const used = columns.currency.subarray(0, rows).reduce((most, number) => Math.max(most, number + 1), 0);
    for (const code of currencies.splice(used)) currencyNumbers.delete(code);
    count = rows;
  }

  function trimColumns(): GrowingColumns {
    const isFilled = count >= leastFilled * columns.percentUsed.length;
    return isFilled ? cutColumns(columns, count) : copyColumns(columns, count, count);
  }

  return {
    get count() {
      return count;
    },
    get length() {
      return Number(columns.offsets[count]);
    },
    get blanks() {
      return found.blanks;
    },
    scan,
    add,
    reserve,
    truncate,
    build: () => ({ ...trimColumns(), currencies, oddMembers }),
  };
}

type GrowingColumns = ReturnType<typeof allocateColumns>;

function allocateColumns(capacity: number) {
  return {
    offsets: new Uint32Array(capacity + 1),
    spans: new Uint32Array(capacity * slotCount),
    isUpgraded: new Uint8Array(capacity),
    percentUsed: new Float64Array(capacity),
    budgetAmount: new Float64Array(capacity),
    lastModified: new Float64Array(capacity),
    currency: new Int32Array(capacity),
  };
}

function copyColumns(columns: GrowingColumns, capacity: number, count: number): GrowingColumns {
  const [copy, used] = [allocateColumns(capacity), cutColumns(columns, count)];
  copy.offsets.set(used.offsets);
  copy.spans.set(used.spans);
  copy.isUpgraded.set(used.isUpgraded);
  copy.percentUsed.set(used.percentUsed);
  copy.budgetAmount.set(used.budgetAmount);
  copy.lastModified.set(used.lastModified);
  copy.currency.set(used.currency);
  return copy;
}

/** The first rows, without a copy. */
function cutColumns(columns: GrowingColumns, count: number): GrowingColumns {
  return {
    offsets: columns.offsets.subarray(0, count + 1),
    spans: columns.spans.subarray(0, count * slotCount),
    isUpgraded: columns.isUpgraded.subarray(0, count),
    percentUsed: columns.percentUsed.subarray(0, count),
    budgetAmount: columns.budgetAmount.subarray(0, count),
    lastModified: columns.lastModified.subarray(0, count),
    currency: columns.currency.subarray(0, count),
  };
}
