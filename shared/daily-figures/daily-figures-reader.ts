import { LRUCache } from 'lru-cache';
import type { YieldToEventLoop } from '../clock.ts';
import type { OperationContext } from '../context.ts';
import { openBlock } from '../history/month-lines.ts';
import type { RowDay } from '../history/month-lines.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import { createBlockReader } from './block-reader.ts';
import type { StoredMonth } from './block-reader.ts';
import { withOwnDeadline } from '../stored-data/load-blobs.ts';
import { decompressBlock, indexBytes, readMonthIndex, readOrLogDamage } from './month-file.ts';
import type { MonthStore } from '../ports.ts';

const readDeadlineMs = 30_000;
/** Months whose indexes are kept: two ranges of the longest kind. */
const keptIndexes = 32;

export type DailyFiguresReader = {
  /**
   * The stored ones of these months, at least as new as the snapshot fetched at this time. A damaged month is logged and left out.
   * Throws DependencyError `StorageUnavailable`.
   */
  getMonths(months: readonly string[], fetchedAt: number, context: OperationContext): Promise<StoredMonth[]>;
  /**
   * The days of these customers' rows in a month, in order of the days; `changed` when the month has been replaced since `getMonths`, which
   * then reads it again. Throws DependencyError `StorageUnavailable`.
   */
  readRows(
    month: StoredMonth,
    customerIds: ReadonlySet<string>,
    context: OperationContext,
  ): Promise<RowDay[] | 'changed'>;
};

export type DailyFiguresDeps = {
  readonly months: MonthStore;
  readonly yieldToEventLoop: YieldToEventLoop;
  /** How many compressed bytes of blocks are kept in memory. */
  readonly cacheBytes: number;
};

/** Reads the history for requests: of each month its index and the blocks of the customers, and no more. */
export function createDailyFiguresReader({
  months: store,
  yieldToEventLoop,
  cacheBytes,
}: DailyFiguresDeps): DailyFiguresReader {
  const indexes = new LRUCache<string, Promise<StoredMonth | undefined>>({ max: keptIndexes });
  const readBlocks = createBlockReader(store, cacheBytes);

  async function getMonths(months: readonly string[], fetchedAt: number, context: OperationContext) {
    const loading = months.map((month) => getIndex(month, fetchedAt, context));
    return (await Promise.all(loading)).filter((month) => month !== undefined);
  }

  function getIndex(month: string, fetchedAt: number, context: OperationContext): Promise<StoredMonth | undefined> {
    const key = `${month} ${fetchedAt}`;
    const loading = indexes.get(key) ?? loadIndex(month, context);
    indexes.set(key, loading);
    loading.catch(() => indexes.delete(key));
    return loading;
  }

  async function loadIndex(month: string, context: OperationContext): Promise<StoredMonth | undefined> {
    const blob = blobNames.history(month);
    const start = await store.readStart(blob, { maxBytes: indexBytes }, withOwnDeadline(context, readDeadlineMs));
    if (start === undefined) return undefined;
    const head = await readOrLogDamage(readMonthIndex(start.bytes), { blob, context });
    if (head === undefined) return undefined;
    let end = head.length;
    const offsets = [end];
    for (const [rows, days] of head.index.blocks) {
      end += rows + days;
      offsets.push(end);
    }
    return { month, etag: start.etag, offsets };
  }

  async function readRows(month: StoredMonth, customerIds: ReadonlySet<string>, context: OperationContext) {
    const read = await readBlocks(month, customerIds, context);
    if (read !== 'changed') return decodeBlocks(read, month.month, customerIds, context);
    for (const key of indexes.keys()) if (key.startsWith(month.month)) indexes.delete(key);
    return read;
  }

  async function decodeBlocks(
    read: readonly Buffer[],
    month: string,
    customerIds: ReadonlySet<string>,
    context: OperationContext,
  ) {
    const days: RowDay[] = [];
    for (const block of read) {
      const decoding = decodeBlock(block, customerIds);
      days.push(...((await readOrLogDamage(decoding, { blob: blobNames.history(month), context })) ?? []));
      await yieldToEventLoop();
    }
    return days;
  }

  return { getMonths, readRows };
}

/** The wanted days of a block, whose members are decompressed as one. Throws UnreadableBlobError when it is damaged. */
async function decodeBlock(block: Buffer, customerIds: ReadonlySet<string>): Promise<RowDay[]> {
  return [...openBlock(await decompressBlock(block)).readDays(({ customerId }) => customerIds.has(customerId))];
}
