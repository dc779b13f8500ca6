import { UnreadableBlobError } from '../errors.ts';
import { runToCompletion } from '../turns.ts';
import type { ChunkedWork } from '../turns.ts';
import { withLazyColumns } from './columns.ts';
import type { ScannedLines, UsageColumns } from './columns.ts';
import { ascii, endOfValue, JsonError } from './json-scan.ts';
import { createLineStore } from './line-store.ts';
import { createRecordTable } from './record-table.ts';
import type { RecordTable } from './record-table.ts';

/**
 * Every usage record of one refresh, in upstream order: the records' own bytes beside typed columns for filtering and sorting.
 * Immutable.
 */
export type UsageSnapshot = ScannedLines & UsageColumns;

/** The stored lines of a snapshot, and where each begins: enough for a page without filter and order. */
export type SnapshotLines = Pick<UsageSnapshot, 'count' | 'lines' | 'offsets'>;

/** A snapshot whose lines are in memory, and whose records are scanned when a caller first needs more than their bytes. */
export type StoredSnapshot = SnapshotLines & {
  /** Scans in turns, once. Rejects with UnreadableBlobError when a line is no usage record. */
  readonly scan: () => Promise<UsageSnapshot>;
};

/** A scanned snapshot as a stored one whose scan is already done. */
export function toStoredSnapshot(snapshot: UsageSnapshot): StoredSnapshot {
  const { count, lines, offsets } = snapshot;
  return { count, lines, offsets, scan: () => Promise.resolve(snapshot) };
}

export type SnapshotBuilder = {
  readonly count: number;
  /**
   * Adds the record that starts here, without whitespace outside strings, and returns where it ends; `undefined` for a value that is
   * not an object with a customer id. Throws JsonError.
   */
  add(bytes: Buffer, start: number): number | undefined;
  /** Drops all records from this one on. */
  truncate(count: number): void;
  /** The finished snapshot. Call it once; nothing can be added afterwards. */
  build(): ChunkedWork<UsageSnapshot>;
};

/** A list rarely has more records than expected by more than this factor. */
const usualGrowth = 1.02;
/** After this many records, their average length is a good estimate for the rest. */
const sampledRecords = 500;

/** Builds a snapshot from one download. If about as many records come as expected, no buffer grows in steps. */
export function createSnapshotBuilder(expectedRecords = 0): SnapshotBuilder {
  const likelyRecords = Math.ceil(expectedRecords * usualGrowth);
  const table = createRecordTable(likelyRecords);
  const store = createLineStore();

  return {
    get count() {
      return table.count;
    },
    add(bytes, start) {
      if (bytes[start] !== ascii.openBrace) {
        endOfValue(bytes, start, { blanks: 0 });
        return undefined;
      }
      const end = table.scan(bytes, start);
      const length = end - start - table.blanks;
      const place = store.add(bytes, start, end, length);
      if (!table.add(store.chunk, place, length)) return undefined;
      if (table.count === sampledRecords) store.reserve(Math.ceil((table.length / sampledRecords) * likelyRecords));
      return end;
    },
    truncate(count) {
      table.truncate(count);
      store.truncate(table.length);
    },
    *build() {
      return createSnapshot(yield* store.join(), table);
    },
  };
}

/** Finding this many lines takes a few milliseconds. */
const linesFoundPerTurn = 50_000;
const lineFeed = 0x0a;

/** Finds the lines of `count` records. Throws UnreadableBlobError when there are fewer or more, or when the last one is cut off. */
export function* findLines(lines: Buffer, count: number): ChunkedWork<SnapshotLines> {
  const offsets = new Uint32Array(count + 1);
  let end = 0;
  for (let row = 0; row < count; row += 1) {
    if (row % linesFoundPerTurn === linesFoundPerTurn - 1) yield;
    end = lines.indexOf(lineFeed, end) + 1;
    if (end === 0) throw createDamagedSnapshotError(row);
    offsets[row + 1] = end;
  }
  if (end !== lines.length) throw createDamagedSnapshotError(count);
  return { count, lines, offsets };
}

/** Scanning this many lines takes a few milliseconds. */
const linesPerTurn = 2000;

/**
 * The snapshot of stored lines. Throws UnreadableBlobError with the row when a line is no usage record or the last one is cut off.
 * With the right `expectedRecords`, it copies nothing.
 */
export function* scanSnapshot(lines: Buffer, expectedRecords = 0): ChunkedWork<UsageSnapshot> {
  const table = createRecordTable(expectedRecords);
  while (table.length < lines.length) {
    if (!tryAddLine(table, lines)) throw createDamagedSnapshotError(table.count);
    if (table.count === sampledRecords) {
      table.reserve(Math.ceil((lines.length / table.length) * sampledRecords * usualGrowth));
    }
    if (table.count % linesPerTurn === 0) yield;
  }
  return createSnapshot(lines, table);
}

function tryAddLine(table: RecordTable, lines: Buffer): boolean {
  const start = table.length;
  try {
    const end = table.scan(lines, start);
    return lines[end] === lineFeed && table.blanks === 0 && table.add(lines, start, end - start);
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}

function createSnapshot(lines: Buffer, table: RecordTable): UsageSnapshot {
  const { offsets, spans, ...columns } = table.build();
  return Object.assign(withLazyColumns({ count: table.count, lines, offsets, spans }), columns);
}

/** The synchronous version of scanSnapshot. */
export function parseSnapshot(lines: Buffer, expectedRecords = 0): UsageSnapshot {
  return runToCompletion(scanSnapshot(lines, expectedRecords));
}

/** The key that identifies a row across snapshots: a customer may have a legacy row and an Azure plan row. */
export function getRowKey(snapshot: UsageSnapshot, row: number): string {
  return `${snapshot.customerIds[row]}/${kindNames[Number(snapshot.isUpgraded[row])]}`;
}

const kindNames = ['legacy', 'azure-plan', 'unknown'];

function createDamagedSnapshotError(row: number): UnreadableBlobError {
  return new UnreadableBlobError('a stored snapshot is damaged', { reason: 'corrupt', details: { row } });
}
