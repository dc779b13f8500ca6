import { DependencyError } from '../errors.ts';
import { createColumnsBuilder, numberAt } from './columns.ts';
import type { UsageColumns } from './columns.ts';
import { isUsageRecord } from './record.ts';
import type { UsageRecord } from './record.ts';

/**
 * Every usage record of one refresh, in upstream order: the records' own bytes beside typed columns for filtering and sorting.
 * Immutable.
 */
export type UsageSnapshot = UsageColumns & {
  readonly count: number;
  /** NDJSON: line `row` is `lines[offsets[row] .. offsets[row + 1] - 1)`, without the line feed. */
  readonly lines: Buffer;
  readonly offsets: Uint32Array;
};

export type SnapshotBuilder = {
  /** Appends a copy of one record: its own bytes without whitespace outside strings and without a line feed, and the same parsed. */
  add(line: Uint8Array, record: UsageRecord): void;
  build(): UsageSnapshot;
};

const lineFeed = 0x0a;
const chunkBytes = 1024 * 1024;

/** A snapshot under construction from one download. Lines are kept in chunks, so that growing never copies what is there. */
export function createSnapshotBuilder(): SnapshotBuilder {
  const columns = createColumnsBuilder();
  const offsets: number[] = [0];
  const full: Buffer[] = [];
  let chunk = Buffer.alloc(0);
  let used = 0;
  let length = 0;

  return {
    add(line, record) {
      const needed = line.length + 1;
      if (used + needed > chunk.length) {
        full.push(chunk.subarray(0, used));
        chunk = Buffer.allocUnsafe(Math.max(chunkBytes, needed));
        used = 0;
      }
      chunk.set(line, used);
      used += needed;
      chunk[used - 1] = lineFeed;
      length += needed;
      offsets.push(length);
      columns.add(record);
    },
    build: () => ({
      ...columns.build(),
      count: offsets.length - 1,
      lines: Buffer.concat([...full, chunk.subarray(0, used)], length),
      offsets: new Uint32Array(offsets),
    }),
  };
}

/**
 * The snapshot of stored lines. Throws DependencyError `StorageUnavailable` with the row when a line is no usage record or the last
 * one is cut off.
 */
export function parseSnapshot(lines: Buffer): UsageSnapshot {
  const columns = createColumnsBuilder();
  const offsets: number[] = [0];
  for (let start = 0, row = 0; start < lines.length; row += 1) {
    const end = lines.indexOf(lineFeed, start);
    columns.add(storedRecord(lines, start, end, row));
    start = end + 1;
    offsets.push(start);
  }
  return { ...columns.build(), count: offsets.length - 1, lines, offsets: new Uint32Array(offsets) };
}

/** The bytes of one record, without the line feed: a view, to be read only. */
export function recordBytes(snapshot: UsageSnapshot, row: number): Buffer {
  const { lines, offsets, count } = snapshot;
  if (!(row >= 0 && row < count)) throw new RangeError(`no row ${row}`);
  return lines.subarray(offsets[row], numberAt(offsets, row + 1) - 1);
}

/** What a row is known by from one snapshot to the next: a customer may have a legacy row and an Azure plan row. */
export function rowKeyOf(snapshot: UsageSnapshot, row: number): string {
  return `${snapshot.customerIds[row]}/${kindNames[numberAt(snapshot.isUpgraded, row)]}`;
}

const kindNames = ['legacy', 'azure-plan', 'unknown'];

/** The keys of all rows. */
export function rowKeysOf(snapshot: UsageSnapshot): ReadonlySet<string> {
  return new Set(snapshot.customerIds.map((_, row) => rowKeyOf(snapshot, row)));
}

function storedRecord(lines: Buffer, start: number, end: number, row: number): UsageRecord {
  const record = end < 0 ? undefined : parsedOf(lines.toString('utf8', start, end));
  if (isUsageRecord(record)) return record;
  throw new DependencyError('StorageUnavailable', 'a stored snapshot is damaged', {
    details: { reason: 'corrupt', row },
  });
}

/** `undefined` for what is not JSON; the error of JSON.parse quotes the text it stumbled over, so it goes nowhere. */
function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
