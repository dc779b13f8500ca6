import type { ChunkedWork } from '../turns.ts';
import { ascii } from './json-scan.ts';

/** The lines of a snapshot under construction, in chunks: growing never copies what is there. */
export type LineStore = {
  /** The chunk that the last line went to. */
  readonly chunk: Buffer;
  /** Adds the JSON in `bytes[start .. end)` as one line of `length` bytes, which leaves out whitespace outside strings; returns its place. */
  add(bytes: Buffer, start: number, end: number, length: number): number;
  /** Makes room for this many bytes in all, so that joining them copies nothing when they take a little less. */
  reserve(bytes: number): void;
  /** Drops everything from this byte on. */
  truncate(length: number): void;
  /** All lines in one buffer. Nothing can be added any more. */
  join(): ChunkedWork<Buffer>;
};

const chunkBytes = 1024 * 1024;
/** A buffer that the lines fill to this share becomes that of the snapshot. */
const leastFilled = 0.9;
const lineFeed = 0x0a;

/** Creates a store without lines. */
export function createLineStore(): LineStore {
  const full: Buffer<ArrayBuffer>[] = [];
  let chunk = Buffer.allocUnsafeSlow(chunkBytes);
  let used = 0;

  return {
    get chunk() {
      return chunk;
    },
    add(bytes, start, end, length) {
      if (used + length + 1 > chunk.length) {
        full.push(chunk.subarray(0, used));
        chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, length + 1));
        used = 0;
      }
      const place = used;
      if (end - start === length) bytes.copy(chunk, place, start, end);
      else copyWithoutBlanks(bytes, start, end, chunk, place);
      used += length + 1;
      chunk[used - 1] = lineFeed;
      return place;
    },
    reserve(bytes) {
      if (full.length > 0 || bytes <= chunk.length) return;
      const larger = Buffer.allocUnsafeSlow(bytes);
      chunk.copy(larger, 0, 0, used);
      chunk = larger;
    },
    truncate(length) {
      let before = full.reduce((sum, each) => sum + each.length, 0);
      for (let last = full.at(-1); last !== undefined && before > length; last = full.at(-1)) {
        chunk = last;
        full.pop();
        before -= chunk.length;
      }
      used = length - before;
    },
    *join() {
      if (full.length === 0 && used >= leastFilled * chunk.length) return chunk.subarray(0, used);
      full.push(chunk.subarray(0, used));
      const lines = Buffer.allocUnsafeSlow(full.reduce((sum, each) => sum + each.length, 0));
      let length = 0;
      for (const each of full) {
        length += each.copy(lines, length);
        // Frees its memory at once: lines must not be in memory twice until the next garbage collection.
        each.buffer.transfer(0);
        yield;
      }
      return lines;
    },
  };
}

/** Byte by byte, because the runs between whitespace are too short for a call of `copy` each. */
function copyWithoutBlanks(bytes: Buffer, start: number, end: number, out: Buffer, place: number): void {
  let to = place;
  let isInString = false;
  for (let at = start; at < end; at += 1) {
    const byte = Number(bytes[at]);
    out[to] = byte;
    if (isInString || byte > 0x20) to += 1;
    if (byte === ascii.quote) isInString = !isInString;
    else if (byte === ascii.backslash) {
      at += 1;
      out[to] = Number(bytes[at]);
      to += 1;
    }
  }
}
