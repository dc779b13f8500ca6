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

/** The columns of scanned records that are not made with them. */
export function createLazyColumns(scanned: ScannedLines): LazyColumns {
  const { count } = scanned;
  const numbers = (readRow: (record: ScannedRecord) => number) => {
    const column = new Float64Array(count);
    for (let row = 0; row < count; row += 1) column[row] = readRow(scannedRecord(scanned, row));
    return column;
  };
  const texts = (readRow: (record: ScannedRecord) => string) => {
    const column: string[] = [];
    for (let row = 0; row < count; row += 1) column.push(readRow(scannedRecord(scanned, row)));
    return column;
  };

  const columns: LazyColumns = memoizeGetters({
    get customerIds() {
      return texts((record) => readCustomerId(record).toLowerCase());
    },
    get customerNumbers() {
      const customers = new Map<string, number>();
      return Uint32Array.from(columns.customerIds, (id) => {
        const known = customers.get(id) ?? customers.size;
        customers.set(id, known);
        return known;
      });
    },
    get customerNames() {
      return texts(readCustomerName);
    },
    get foldedNames() {
      return columns.customerNames.map(fold);
    },
    get totalCost() {
      return numbers((record) => readNumber(record, 'totalCost'));
    },
    get usdTotalCost() {
      return numbers((record) =>
        readFlag(record, 'isUpgraded') === true ? readNumber(record, 'usdTotalCost') : Number.NaN,
      );
    },
  });
  return columns;
}

/** Makes every column now, one a turn: made when first asked for, several at once would keep other requests waiting. */
export function* readColumns(columns: UsageColumns): ChunkedWork<void> {
  for (const name of lazyNames) {
    void columns[name];
    yield;
  }
}

const lazyNames = [
  'customerIds',
  'customerNumbers',
  'customerNames',
  'foldedNames',
  'totalCost',
  'usdTotalCost',
] as const satisfies readonly (keyof LazyColumns)[];

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

/** The same object, whose getters are asked once each and whose values are kept. */
function memoizeGetters<T extends object>(object: T): T {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if (descriptor.get === undefined) continue;
    Object.defineProperty(object, name, {
      configurable: true,
      enumerable: true,
      get() {
        const value: unknown = descriptor.get?.();
        Object.defineProperty(object, name, { enumerable: true, value });
        return value;
      },
    });
  }
  return object;
}
