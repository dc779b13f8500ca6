import { LRUCache } from 'lru-cache';
import type { OperationContext } from '../context.ts';
import { findBlock } from '../history/month-index.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import { withOwnDeadline } from '../stored-data/load-blobs.ts';
import type { MonthStore } from '../ports.ts';

/** Blocks up to this far apart share a request, which costs more than reading the gap. */
const joinedGapBytes = 64 * 1024;
const readsAtOnce = 16;
const readDeadlineMs = 30_000;

/** A month of history in storage. */
export type StoredMonth = {
  readonly month: string;
  readonly etag: string;
  /** Where each block begins, and after the last one its end. */
  readonly offsets: readonly number[];
};

/**
 * The blocks of a month that hold the rows of these customers; `changed` when the blob was replaced. Throws DependencyError
 * `StorageUnavailable`.
 */
type ReadBlocks = (
  month: StoredMonth,
  customerIds: ReadonlySet<string>,
  context: OperationContext,
) => Promise<readonly Buffer[] | 'changed'>;

/** Reads blocks in few requests, and keeps up to `cacheBytes` of them in memory. */
export function createBlockReader(store: MonthStore, cacheBytes: number): ReadBlocks {
  const cache = createBlockCache(cacheBytes);

  return async function readBlocks({ month, etag, offsets }, customerIds, context) {
    const numbers = new Set(Array.from(customerIds, (id) => findBlock(id, offsets.length - 1)));
    const getKey = (number: number) => `${month} ${etag} ${number}`;
    const found = new Map<number, Buffer>();
    for (const number of numbers) {
      const kept = cache.get(getKey(number));
      if (kept !== undefined) found.set(number, kept);
    }
    const missing = [...numbers].filter((number) => !found.has(number)).toSorted((one, other) => one - other);
    const parts = await mapConcurrently(groupBlocks(missing, offsets), async (group) => {
      const start = Number(offsets[Number(group[0])]);
      const end = Number(offsets[Number(group.at(-1)) + 1]);
      const range = { start, end, etag };
      const bytes = await store.readRange(blobNames.history(month), range, withOwnDeadline(context, readDeadlineMs));
      return { group, start, bytes };
    });
    for (const { group, start, bytes } of parts) {
      if (bytes === 'changed') return 'changed';
      for (const number of group) {
        const [from, to] = [Number(offsets[number]) - start, Number(offsets[number + 1]) - start];
        // A copy: a view would keep all the bytes around it.
        const block = Buffer.from(bytes.subarray(from, to));
        cache.set(getKey(number), block);
        found.set(number, block);
      }
    }
    return [...found.values()];
  };
}

/** What an entry costs besides its bytes: a guess at the objects around them. */
const entryBytes = 512;

function createBlockCache(maxSize: number): Pick<LRUCache<string, Buffer>, 'get' | 'set'> {
  return new LRUCache<string, Buffer>({ maxSize, sizeCalculation: ({ length }) => entryBytes + length });
}

/** The numbers, which ascend, in groups of blocks that are near each other. */
function groupBlocks(numbers: readonly number[], offsets: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const number of numbers) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const isNear = last !== undefined && Number(offsets[number]) - Number(offsets[last + 1]) <= joinedGapBytes;
    if (group !== undefined && isNear) group.push(number);
    else groups.push([number]);
  }
  return groups;
}

/** Runs an operation on all items, a few at a time, and returns the results in order. */
async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += readsAtOnce) {
    results.push(...(await Promise.all(items.slice(start, start + readsAtOnce).map(run))));
  }
  return results;
}
