import type { Clock } from '../clock.ts';
import type { OperationContext } from '../context.ts';
import { listClosings, listDailyCopies } from '../history/kept-list-names.ts';
import type { KeptList } from '../history/kept-list-names.ts';
import { createPromiseCache } from '../once.ts';
import type { SnapshotStore } from '../ports.ts';

/** Lists change only with a refresh, which changes the current snapshot first; this is for blobs that lifecycle rules delete. */
const relistAfterMs = 10 * 60_000;
/** Requests for a missing day list the names at most this often. */
const minRelistMs = 2000;

export type KeptListIndex = {
  /** All daily copies, oldest first. */
  readonly daily: readonly KeptList[];
  /** The closing lists of each month, oldest first. */
  readonly closings: ReadonlyMap<string, readonly KeptList[]>;
};

export type KeptListIndexReader = {
  /** The index as last listed, unless the current snapshot has changed since. `current` is when that was fetched. */
  get(current: number | undefined, context: OperationContext): Promise<KeptListIndex>;
  /** The index now: call it before refusing a list as not kept. */
  getRevalidated(current: number | undefined, context: OperationContext): Promise<KeptListIndex>;
};

/** Lists the kept lists by name, once for all who ask meanwhile. Throws DependencyError `StorageUnavailable`. */
export function createKeptListIndexReader(store: SnapshotStore, clock: Clock): KeptListIndexReader {
  const listings = createPromiseCache<KeptListIndex>('while-pending');
  let last: { readonly current: number | undefined; readonly at: number; readonly index: KeptListIndex } | undefined;

  async function list(current: number | undefined, context: OperationContext): Promise<KeptListIndex> {
    const at = clock();
    const [daily, monthly] = await Promise.all([
      store.listBlobs('daily/', context),
      store.listBlobs('monthly/', context),
    ]);
    const index = { daily: listDailyCopies(daily), closings: listClosings(monthly) };
    last = { current, at, index };
    return index;
  }

  async function getWithin(maxAgeMs: number, current: number | undefined, context: OperationContext) {
    if (last !== undefined && last.current === current && Math.abs(clock() - last.at) < maxAgeMs) return last.index;
    const key = String(current);
    // Shared, so no caller's signal ends it; the store has its own deadline.
    const ownContext = { ...context, signal: new AbortController().signal };
    return listings.get(key) ?? listings.set(list(current, ownContext), key);
  }

  return {
    get: (current, context) => getWithin(relistAfterMs, current, context),
    getRevalidated: (current, context) => getWithin(minRelistMs, current, context),
  };
}
