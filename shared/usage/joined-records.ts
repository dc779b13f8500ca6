import { numberAt } from './columns.ts';
import type { UsageSnapshot } from './snapshot.ts';

const comma = 0x2c;

/** The records of `rows` as Partner Center wrote them, with commas between: what stands in the brackets of `value`. */
export function joinRecords(snapshot: UsageSnapshot, rows: Uint32Array): Buffer {
  const { lines, offsets } = snapshot;
  const joined = Buffer.allocUnsafe(joinedBytes(snapshot, rows) + 1);
  let at = 0;
  for (const row of rows) {
    at += lines.copy(joined, at, offsets[row], offsets[row + 1]);
    // In the place of the line feed.
    joined[at - 1] = comma;
  }
  return joined.subarray(0, -1);
}

/** How many bytes `joinRecords` of the same makes. */
export function joinedBytes({ offsets }: UsageSnapshot, rows: Uint32Array): number {
  let length = 0;
  for (const row of rows) length += numberAt(offsets, row + 1) - numberAt(offsets, row);
  return Math.max(0, length - 1);
}
