import type { SnapshotLines } from '../snapshot/snapshot.ts';

const comma = 0x2c;
const rowsPerPiece = 2000;

/** The records of `rows` as Partner Center wrote them, with commas between, behind `start` and before `end`, in pieces. */
export function* renderRecords(
  snapshot: SnapshotLines,
  rows: Uint32Array,
  start: string,
  end: string,
): Iterable<Buffer> {
  let first = 0;
  for (; first + rowsPerPiece < rows.length; first += rowsPerPiece) {
    yield joinRecords(snapshot, rows.subarray(first, first + rowsPerPiece), first === 0 ? start : '', ',');
  }
  yield joinRecords(snapshot, rows.subarray(first), first === 0 ? start : '', end);
}

/** One buffer of `before`, the records with commas between, and `after`. */
function joinRecords({ lines, offsets }: SnapshotLines, rows: Uint32Array, before: string, after: string): Buffer {
  let length = 0;
  for (const row of rows) length += Number(offsets[row + 1]) - Number(offsets[row]);
  const behind = Math.max(0, length - 1);
  const [head, tail] = [Buffer.byteLength(before), Buffer.byteLength(after)];
  const joined = Buffer.allocUnsafe(head + behind + tail);
  joined.write(before);
  let at = head;
  for (const row of rows) {
    // In the place of the comma the line feed of the last record was.
    if (at > head) joined[at - 1] = comma;
    at += lines.copy(joined, at, offsets[row], offsets[row + 1]);
  }
  joined.write(after, head + behind);
  return joined;
}
