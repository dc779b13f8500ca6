import { UnreadableBlobError } from '../errors.ts';
import { runToCompletion } from '../turns.ts';
import type { ChunkedWork } from '../turns.ts';
import { createColumns, numberAt } from './columns.ts';
import type { ScannedLines, UsageColumns } from './columns.ts';
import { scanRecord, slotCount } from './record-scan.ts';
import { hasCustomerId } from './record-values.ts';

/**
 * Every usage record of one refresh, in upstream order: the records' own bytes beside typed columns for filtering and sorting.
 * Immutable.
 */
export type UsageSnapshot = ScannedLines & UsageColumns;

export type SnapshotBuilder = {
  /**
   * Appends a copy of one record: its own bytes without whitespace outside strings and without a line feed. Returns
   * false and appends nothing if the record is not an object with a customer id.
   */
  add(line: Buffer): boolean;
  build(): UsageSnapshot;
};

const lineFeed = 0x0a;
const chunkBytes = 1024 * 1024;

/** A snapshot under construction from one download. Lines are kept in chunks, so that growing never copies what is there. */
export function createSnapshotBuilder(): SnapshotBuilder {
  const index = createLineIndex();
  const full: Buffer[] = [];
  let chunk = Buffer.alloc(0);
  let used = 0;
  let length = 0;

  return {
    add(line) {
      if (!index.add(line, 0, line.length)) return false;
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
      return true;
    },
    build: () => index.build(Buffer.concat([...full, chunk.subarray(0, used)], length)),
  };
}

/** Scanning this many lines takes a few milliseconds. */
const linesPerTurn = 2000;

/**
 * The snapshot of stored lines. Throws UnreadableBlobError with the row when a line is no usage record or the last
 * one is cut off.
 */
export function* scanSnapshot(lines: Buffer): ChunkedWork<UsageSnapshot> {
  const index = createLineIndex();
  for (let start = 0, row = 0; start < lines.length; row += 1) {
    const end = lines.indexOf(lineFeed, start);
    if (end < 0 || !index.add(lines, start, end)) throw createDamagedSnapshotError(row);
    start = end + 1;
    if (row % linesPerTurn === 0) yield;
  }
  return index.build(lines);
}

/** The synchronous version of scanSnapshot. */
export function parseSnapshot(lines: Buffer): UsageSnapshot {
  return runToCompletion(scanSnapshot(lines));
}

/** The key that identifies a row across snapshots: a customer may have a legacy row and an Azure plan row. */
export function getRowKey(snapshot: UsageSnapshot, row: number): string {
  return `${snapshot.customerIds[row]}/${kindNames[numberAt(snapshot.isUpgraded, row)]}`;
}

const kindNames = ['legacy', 'azure-plan', 'unknown'];

/** Builds the index of lines and of the values in them, line by line. */
function createLineIndex() {
  let offsets = new Uint32Array(firstCapacity + 1);
  let spans = new Uint32Array(firstCapacity * slotCount);
  let count = 0;

  return {
    /** Returns false and adds nothing if `bytes[start .. end)` is not an object with a customer id. */
    add(bytes: Buffer, start: number, end: number): boolean {
      const base = count * slotCount;
      if (base === spans.length) [offsets, spans] = [resize(offsets, 2 * count + 1), resize(spans, 2 * base)];
      if (!tryScanRecord(bytes, start, end, spans, base) || !hasCustomerId({ bytes, start, spans, base })) return false;
      offsets[count + 1] = numberAt(offsets, count) + end - start + 1;
      count += 1;
      return true;
    },
    build(lines: Buffer): UsageSnapshot {
      const scanned = { count, lines, offsets: resize(offsets, count + 1), spans: resize(spans, count * slotCount) };
      return Object.assign(createColumns(scanned), scanned);
    },
  };
}

const firstCapacity = 1024;

function resize(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const resized = new Uint32Array(length);
  resized.set(numbers.subarray(0, length));
  return resized;
}

function tryScanRecord(bytes: Buffer, start: number, end: number, spans: Uint32Array, base: number): boolean {
  try {
    scanRecord(bytes, start, end, spans, base);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function createDamagedSnapshotError(row: number): UnreadableBlobError {
  return new UnreadableBlobError('a stored snapshot is damaged', { reason: 'corrupt', details: { row } });
}
