import { RefusedError } from '../errors.ts';
import type { StoredSnapshot } from '../snapshot/snapshot.ts';
import { createCursor, isCursorExpired } from './cursor.ts';
import type { UsageQuery } from './parameters.ts';
import { hasFilter, selectRows } from './select.ts';
import { createSortRows } from './sort.ts';
import { formatQueryWithoutCursor } from './usage-query.ts';

/** One page of an answer. */
export type UsagePage = {
  readonly rows: Uint32Array;
  /** Matches before `skip`, `top` and paging. */
  readonly totalCount: number;
  /** The query of the next page; `undefined` on the last one. */
  readonly next: UsageQuery | undefined;
};

/** Creates a function that selects pages, and remembers the sorted orders of the last snapshot. */
export function createSelectPage(yieldToEventLoop: () => Promise<void>) {
  const sortRows = createSortRows(yieldToEventLoop);

  /**
   * The rows of the page that `query` asks for: filter, orderby, skip, top, maxpagesize, in this order. `contentHash` is that of the
   * snapshot, in hex. Throws RefusedError `CursorExpired` when the cursor was given for another snapshot.
   */
  return async function selectPage(stored: StoredSnapshot, contentHash: string, query: UsageQuery): Promise<UsagePage> {
    const { cursor, skip, top = Infinity, maxpagesize = Infinity, orderby } = query;
    if (cursor !== undefined && isCursorExpired(cursor, contentHash)) {
      throw new RefusedError({ kind: 'CursorExpired' });
    }
    // Without filters and sorting, a page needs no column.
    const isUnfilteredAndUnsorted = orderby === undefined && !hasFilter(query);
    const matches = isUnfilteredAndUnsorted ? undefined : await selectMatches(stored, query);
    const totalCount = matches?.length ?? stored.count;
    const start = cursor?.position ?? skip;
    const limit = Math.min(totalCount, skip + top);
    if (cursor !== undefined && (start <= skip || start >= limit)) throw createForgedCursorError();
    const end = Math.min(start + maxpagesize, limit);
    const next =
      end < limit ? { ...query, cursor: createCursor(formatQueryWithoutCursor(query), contentHash, end) } : undefined;
    return { rows: matches?.subarray(start, end) ?? listRows(start, end), totalCount, next };
  };

  async function selectMatches(stored: StoredSnapshot, query: UsageQuery): Promise<Uint32Array> {
    const snapshot = await stored.scan();
    const rows = selectRows(snapshot, query);
    return query.orderby === undefined ? rows : sortRows(snapshot, rows, query.orderby);
  }
}

function listRows(start: number, end: number): Uint32Array {
  return Uint32Array.from({ length: Math.max(0, end - start) }, (_, at) => start + at);
}

/** The error of a cursor with a correct checksum whose position lies outside the list: the service never issued it. */
function createForgedCursorError(): RefusedError {
  const detail = 'points outside the list; take it from a nextLink unchanged';
  const problems = [{ parameter: 'cursor', code: 'InvalidCursor', detail }] as const;
  return new RefusedError({ kind: 'InvalidRequest', problems });
}
