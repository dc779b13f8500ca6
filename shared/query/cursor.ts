import * as z from 'zod';
import { computeFnv1a } from '../fnv1a.ts';

/** Where the next page begins, and of which list. */
export type Cursor = {
  /** The first 8 bytes of the snapshot's content hash, in hex. */
  readonly snapshot: string;
  /** Place of the page's first row among the ordered matches. */
  readonly position: number;
  /** Of the query that gave the cursor and of the two above: tells a changed query and a damaged cursor. */
  readonly checksum: number;
};

const bytesOf = { snapshot: 8, position: 4, checksum: 4 } as const;
const length = bytesOf.snapshot + bytesOf.position + bytesOf.checksum;
const expected = 'expected an unchanged cursor from a nextLink';

/** `cursor`: 16 bytes as 22 characters of base64url. */
export function cursorText() {
  return z.codec(
    z.string().regex(/^[\w-]{21}[AQgw]$/, expected),
    z.object({ snapshot: z.string(), position: z.number(), checksum: z.number() }),
    { decode: readCursor, encode: writeCursor },
  );
}

// A checksum guards against mistakes: who forges one gets what they could have asked for anyway, so a keyed hash would protect nothing.

/** The cursor of a page of `query` (its canonical text without a cursor) over the snapshot of `contentHash`. */
export function createCursor(query: string, contentHash: string, position: number): Cursor {
  const snapshot = contentHash.slice(0, bytesOf.snapshot * 2);
  return { snapshot, position, checksum: computeFnv1a(`${snapshot}:${position}:${query}`) };
}

/** Whether `cursor` was given for `query`, its canonical text without a cursor. */
export function isCursorForQuery(cursor: Cursor, query: string): boolean {
  return cursor.checksum === computeFnv1a(`${cursor.snapshot}:${cursor.position}:${query}`);
}

/** Whether `cursor` was given for another snapshot than that of `contentHash`: a cursor expires with its snapshot, not by time. */
export function isCursorExpired(cursor: Cursor, contentHash: string): boolean {
  return !contentHash.startsWith(cursor.snapshot);
}

function readCursor(text: string): Cursor {
  const bytes = Buffer.from(text, 'base64url');
  return {
    snapshot: bytes.toString('hex', 0, bytesOf.snapshot),
    position: bytes.readUInt32BE(bytesOf.snapshot),
    checksum: bytes.readUInt32BE(bytesOf.snapshot + bytesOf.position),
  };
}

function writeCursor({ snapshot, position, checksum }: Cursor): string {
  const bytes = Buffer.alloc(length);
  bytes.write(snapshot, 'hex');
  bytes.writeUInt32BE(position, bytesOf.snapshot);
  bytes.writeUInt32BE(checksum, bytesOf.snapshot + bytesOf.position);
  return bytes.toString('base64url');
}
