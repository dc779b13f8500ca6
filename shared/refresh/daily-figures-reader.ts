import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { YieldToEventLoop } from '../clock.ts';
import type { OperationContext } from '../context.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import { findBlock } from '../history/month-index.ts';
import type { MonthIndex } from '../history/month-index.ts';
import { readBlock } from '../history/month-lines.ts';
import type { RowDay } from '../history/month-lines.ts';
import { numberAt } from '../snapshot/columns.ts';
import { blobNames } from './blob-names.ts';
import { readOrLogDamage } from './load-blobs.ts';
import { indexBytes, readMonthIndex } from './month-file.ts';
import type { MonthStore } from './ports.ts';

/** Blocks up to this far apart share a request, which costs more than reading the gap. */
const joinedGapBytes = 64 * 1024;
const readsAtOnce = 16;
const readDeadlineMs = 30_000;
/** Months whose indexes are kept: two ranges of the longest kind. */
const keptIndexes = 32;
const maxTries = 3;

/** A month of history in storage. */
type StoredMonth = {
  readonly month: string;
  readonly etag: string;
  readonly days: MonthIndex['days'];
  /** Where each block begins, and behind the last one its end. */
  readonly offsets: readonly number[];
};

export type DailyFiguresReader = {
  /**
   * The stored ones of these months, at least as new as the snapshot fetched at this time. A damaged month is logged and left out. Throws DependencyError `StorageUnavailable`.
   */
  getMonths(months: readonly string[], fetchedAt: number, context: OperationContext): Promise<StoredMonth[]>;
  /** The days of these customers' rows in a month, in order of the days. Throws DependencyError `StorageUnavailable`. */
  readRows(month: StoredMonth, customerIds: ReadonlySet<string>, context: OperationContext): Promise<RowDay[]>;
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
  const blocks = createBlockCache(cacheBytes);

  async function getMonths(months: readonly string[], fetchedAt: number, context: OperationContext) {
    const loaded = await mapConcurrently(months, async (month) => {
      const key = `${month} ${fetchedAt}`;
      const loading = indexes.get(key) ?? loadIndex(month, context);
      indexes.set(key, loading);
      loading.catch(() => indexes.delete(key));
      return loading;
    });
    return loaded.filter((month) => month !== undefined);
  }

  async function loadIndex(month: string, context: OperationContext): Promise<StoredMonth | undefined> {
    const blob = blobNames.history(month);
    const start = await store.readStart(blob, { maxBytes: indexBytes }, withOwnDeadline(context));
    const head = start && (await readOrLogDamage(readMonthIndex(start.bytes), { blob, context }));
    if (start === undefined || head === undefined) return undefined;
    const { days, blocks: lengths } = head.index;
    const offsets = [head.length];
    for (const [rows, ofDays] of lengths) offsets.push((offsets.at(-1) ?? 0) + rows + ofDays);
    return { month, etag: start.etag, days, offsets };
  }

  async function readRows(
    month: StoredMonth,
    customerIds: ReadonlySet<string>,
    context: OperationContext,
  ): Promise<RowDay[]> {
    let current: StoredMonth | undefined = month;
    for (let tries = 0; tries < maxTries && current !== undefined; tries += 1) {
      const read = await readBlocks(current, customerIds, context);
      if (read !== 'changed') return decodeBlocks(read, month.month, customerIds, context);
      current = await loadIndex(month.month, context);
    }
    throw new DependencyError('StorageUnavailable', 'the history keeps changing', { details: { reason: 'conflict' } });
  }

  async function readBlocks(
    { month, etag, offsets }: StoredMonth,
    customerIds: ReadonlySet<string>,
    context: OperationContext,
  ) {
    const numbers = new Set(Array.from(customerIds, (id) => findBlock(id, offsets.length - 1)));
    const found = new Map<number, Buffer>();
    for (const number of numbers) {
      const kept = blocks.get(`${month} ${etag} ${number}`);
      if (kept !== undefined) found.set(number, kept);
    }
    const missing = [...numbers].filter((number) => !found.has(number)).toSorted((one, other) => one - other);
    const parts = await mapConcurrently(groupBlocks(missing, offsets), async ({ first, last }) => {
      const [start, end] = [numberAt(offsets, first), numberAt(offsets, last + 1)];
      const bytes = await store.readRange(blobNames.history(month), { start, end, etag }, withOwnDeadline(context));
      return { first, last, start, bytes };
    });
    for (const { first, last, start, bytes } of parts) {
      if (bytes === 'changed') return 'changed';
      for (const number of missing.filter((each) => each >= first && each <= last)) {
        // A copy: a view would keep all the bytes around it.
        const block = Buffer.from(
          bytes.subarray(numberAt(offsets, number) - start, numberAt(offsets, number + 1) - start),
        );
        blocks.set(`${month} ${etag} ${number}`, block);
        found.set(number, block);
      }
    }
    return [...found.values()];
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

const gunzipAsync = promisify(gunzip);

/** The wanted days of a block, whose members are decompressed as one. Throws UnreadableBlobError when it is damaged. */
async function decodeBlock(block: Buffer, customerIds: ReadonlySet<string>): Promise<RowDay[]> {
  const text = await gunzipAsync(block).catch((cause: unknown) => {
    throw new UnreadableBlobError('a block of the history is not gzip', { reason: 'corrupt', cause });
  });
  return [...readBlock(text.toString(), ({ customerId }) => customerIds.has(customerId))];
}

type BlockRange = { readonly first: number; readonly last: number };

/** Ranges of blocks that hold all of `numbers`, which ascend; blocks that are near each other share one. */
function groupBlocks(numbers: readonly number[], offsets: readonly number[]): BlockRange[] {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    const gap = range && numberAt(offsets, number) - numberAt(offsets, range.last + 1);
    if (range !== undefined && gap !== undefined && gap <= joinedGapBytes) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges;
}

/** What an entry costs besides its bytes: a guess at the objects around them. */
const entryBytes = 512;

function createBlockCache(maxSize: number): Pick<LRUCache<string, Buffer>, 'get' | 'set'> {
  return new LRUCache<string, Buffer>({ maxSize, sizeCalculation: ({ length }) => entryBytes + length });
}

/** A shared read has its own deadline instead of the first caller's. */
function withOwnDeadline(context: OperationContext): OperationContext {
  return { ...context, signal: AbortSignal.timeout(readDeadlineMs) };
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
