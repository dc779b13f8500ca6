import type { ChunkedWork } from '../turns.ts';
import { fold } from './case-fold.ts';
import { slotCount } from './record-scan.ts';
import { readCustomerId, readCustomerName, readFlag, readNumber, readText } from './record-values.ts';
import type { ScannedRecord } from './record-values.ts';
import { findOddMembers, parseInstant } from './record.ts';
import type { DocumentedMember } from './record.ts';

/** Stored records with the places of their values. */
export type ScannedLines = {
  readonly count: number;
  /** NDJSON: line `row` is `lines[offsets[row] .. offsets[row + 1] - 1)`, without the line feed. */
  readonly lines: Buffer;
  readonly offsets: Uint32Array;
  /** The slots of each row, one row after the other: see record-scan.ts. */
  readonly spans: Uint32Array;
};

/**
 * What filters and orders look at, one entry a row. `NaN` means "this row has none", or that its figure cannot be read:
 * `oddMembers` tells which. Each column is made when first asked for.
 */
export type UsageColumns = {
  /** Lower case. */
  readonly customerIds: readonly string[];
  /** The same number for rows of one customer, below `count`. */
  readonly customerNumbers: Uint32Array;
  /** As upstream wrote them; `''` when there is none. */
  readonly customerNames: readonly string[];
  /** For search and ordering: NFKC and case-folded. */
  readonly foldedNames: readonly string[];
  /** 1: Azure plan, 0: legacy, 2: cannot be read. */
  readonly isUpgraded: Uint8Array;
  readonly percentUsed: Float64Array;
  readonly budgetAmount: Float64Array;
  readonly totalCost: Float64Array;
  /** NaN on legacy rows too, whose 0 means "unknown". */
  readonly usdTotalCost: Float64Array;
  /** Epoch milliseconds. */
  readonly lastModified: Float64Array;
  /** Position in `currencies`; -1 for a row without a code, -2 where it cannot be read. */
  readonly currency: Int32Array;
  readonly currencies: readonly string[];
  /** The members that are not of the documented kind, by row; most lists have none. */
  readonly oddMembers: ReadonlyMap<number, readonly DocumentedMember[]>;
};

/** The columns of scanned records. */
export function createColumns(scanned: ScannedLines): UsageColumns {
  const { count } = scanned;
  const read = <Column extends { [row: number]: Value }, Value>(
    column: Column,
    readRow: (record: ScannedRecord) => Value,
  ): Column => {
    for (let row = 0; row < count; row += 1) column[row] = readRow(scannedRecord(scanned, row));
    return column;
  };
  const numbers = (readRow: (record: ScannedRecord) => number) => read(new Float64Array(count), readRow);
  const texts = (readRow: (record: ScannedRecord) => string) => read<string[], string>([], readRow);

  const columns: UsageColumns = memoizeGetters({
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
    get isUpgraded() {
      return read(new Uint8Array(count), (record) => Number(readFlag(record, 'isUpgraded') ?? 2));
    },
    get percentUsed() {
      return numbers((record) => readNumber(record, 'percentUsed'));
    },
    get budgetAmount() {
      return numbers((record) => readNumber(record, 'amount'));
    },
    get totalCost() {
      return numbers((record) => readNumber(record, 'totalCost'));
    },
    get usdTotalCost() {
      return numbers((record) =>
        readFlag(record, 'isUpgraded') === true ? readNumber(record, 'usdTotalCost') : Number.NaN,
      );
    },
    get lastModified() {
      return numbers(createInstantReader());
    },
    get currencies() {
      return [...new Set(texts((record) => readText(record, 'currencyCode') ?? ''))].filter(Boolean);
    },
    get currency() {
      const indexes = new Map(columns.currencies.map((code, index) => [code, index]));
      const column = read(new Int32Array(count), (record) => indexes.get(readText(record, 'currencyCode') ?? '') ?? -1);
      for (const [row, odd] of columns.oddMembers) if (odd.includes('currencyCode')) column[row] = -2;
      return column;
    },
    get oddMembers() {
      return findOddRows(scanned, columns.lastModified);
    },
  });
  return columns;
}

/** Makes every column now, one a turn: made when first asked for, several at once would keep other requests waiting. */
export function* readColumns(columns: UsageColumns): ChunkedWork<void> {
  for (const name of columnNames) {
    void columns[name];
    yield;
  }
}

const columnNames = [
  'customerIds',
  'customerNumbers',
  'customerNames',
  'foldedNames',
  'isUpgraded',
  'percentUsed',
  'budgetAmount',
  'totalCost',
  'usdTotalCost',
  'lastModified',
  'oddMembers',
  'currencies',
  'currency',
] as const satisfies readonly (keyof UsageColumns)[];

/** The record of a row with the places of its values. */
export function scannedRecord({ lines, offsets, spans }: ScannedLines, row: number): ScannedRecord {
  return { bytes: lines, start: numberAt(offsets, row), spans, base: row * slotCount };
}

/** Rows of one batch at Partner Center bear the same stamp, and reading one costs as much as the rest of a row. */
function createInstantReader(): (record: ScannedRecord) => number {
  const instants = new Map<string, number>();
  return (record) => {
    const dateTime = readText(record, 'lastModifiedDate') ?? '';
    const instant = instants.get(dateTime) ?? parseInstant(dateTime);
    instants.set(dateTime, instant);
    return instant;
  };
}

function findOddRows(scanned: ScannedLines, lastModified: Float64Array) {
  const rows = new Map<number, readonly DocumentedMember[]>();
  for (let row = 0; row < scanned.count; row += 1) {
    const members = findOddMembers(scannedRecord(scanned, row));
    const isDateOdd = Number.isNaN(lastModified[row]) && !members.includes('lastModifiedDate');
    const odd = isDateOdd ? [...members, 'lastModifiedDate' as const] : members;
    if (odd.length > 0) rows.set(row, odd);
  }
  return rows;
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
