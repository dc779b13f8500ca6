import type { UsageSnapshot } from '../snapshot/snapshot.ts';

const comma = 0x2c;
const rowsPerPiece = 2000;

/** The records of `rows` as Partner Center wrote them, with commas between: what stands in the brackets of `value`, in pieces. */
export function* renderRecords(snapshot: UsageSnapshot, rows: Uint32Array): Iterable<Buffer> {
  for (let first = 0; first < rows.length; first += rowsPerPiece) {
    const joined = joinRecords(snapshot, rows.subarray(first, first + rowsPerPiece));
    yield first + rowsPerPiece < rows.length ? joined : joined.subarray(0, -1);
  }
}

/** The records, each with a comma behind it. */
function joinRecords({ lines, offsets }: UsageSnapshot, rows: Uint32Array): Buffer {
  let length = 0;
  for (const row of rows) length += (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
  const joined = Buffer.allocUnsafe(length);
  let at = 0;
  for (const row of rows) {
    at += lines.copy(joined, at, offsets[row], offsets[row + 1]);
    // In the place of the line feed.
    joined[at - 1] = comma;
  }
  return joined;
}
