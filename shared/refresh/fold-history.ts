import type { Clock, YieldToEventLoop } from '../clock.ts';
import type { OperationContext } from '../context.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import { listKeptDays } from '../history/kept-lists.ts';
import type { KeptList } from '../history/kept-lists.ts';
import { countBlocks } from '../history/month-index.ts';
import { isEveryDayKept, planFold, planRebuild } from '../history/plan-fold.ts';
import { getSnapshotPeriod } from '../snapshot/period.ts';
import { scanSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { blobNames } from './blob-names.ts';
import { catchUnreadable } from './load-blobs.ts';
import { addDamagedDay, addDay, createMonthFile, listMembers, parseMonthFile, readMonthIndex } from './month-file.ts';
import type { MonthFile } from './month-file.ts';
import type { MonthStore, SnapshotStore } from './ports.ts';

export type FoldDeps = {
  readonly store: SnapshotStore;
  readonly months: MonthStore;
  readonly clock: Clock;
  readonly yieldToEventLoop: YieldToEventLoop;
};

/** The days that were folded, and the months they are of. */
export type FoldOutcome = { readonly days: number; readonly months: number; readonly isComplete: boolean };

/** No month is begun after this time; the next refresh goes on. */
const patienceMs = 20_000;
/** The index of the most blocks fits in. */
export const indexBytes = 32 * 1024;

/**
 * Folds every kept day before the UTC day `today` that is not in the history yet, the newest month first. Only the holder of the
 * refresh's lease may call it. Throws DependencyError `StorageUnavailable`; what was written by then counts.
 */
export async function foldKeptDays(deps: FoldDeps, today: string, context: OperationContext): Promise<FoldOutcome> {
  const startedAt = deps.clock();
  const outcome = { days: 0, months: 0 };
  for (const kept of await listKeptMonths(deps, today, context)) {
    if (deps.clock() - startedAt > patienceMs) return { ...outcome, isComplete: false };
    const days = (await isFolded(deps, kept, context)) ? 0 : await foldMonth(deps, kept, planFold, context);
    if (days > 0) outcome.months += 1;
    outcome.days += days;
  }
  return { ...outcome, isComplete: true };
}

/** A month that was made again, and the number of its days; 0 for one that stays because some of its lists are deleted. */
export type RebuiltMonth = { readonly month: string; readonly days: number };

/**
 * Makes every month again from its kept days before the UTC day `today`, the newest first. The holder of the refresh's lease alone may
 * call it. Throws as `foldKeptDays` does.
 */
export async function* rebuildHistory(
  deps: FoldDeps,
  today: string,
  context: OperationContext,
): AsyncGenerator<RebuiltMonth, void> {
  for (const kept of await listKeptMonths(deps, today, context)) {
    yield { month: kept.month, days: await foldMonth(deps, kept, planRebuild, context) };
  }
}

type KeptMonth = { readonly month: string; readonly lists: readonly KeptList[] };

/** The months of kept days before `today`, the newest first. */
async function listKeptMonths({ store }: FoldDeps, today: string, context: OperationContext): Promise<KeptMonth[]> {
  const kept = listKeptDays(await store.listBlobs('daily/', context)).filter(({ day }) => day < today);
  const months = Map.groupBy(kept, ({ day }) => day.slice(0, 7));
  return Array.from(months, ([month, lists]) => ({ month, lists })).toReversed();
}

/** Folds what the plan says and returns how many days that were. */
async function foldMonth(
  deps: FoldDeps,
  kept: KeptMonth,
  plan: typeof planFold,
  context: OperationContext,
): Promise<number> {
  const blob = blobNames.history(kept.month);
  const stored = await deps.months.readStart(blob, { maxBytes: Infinity }, context);
  const file = stored && (await catchUnreadable(parseMonthFile(stored.bytes)));
  const isDamaged = file instanceof UnreadableBlobError;
  if (isDamaged) context.log('history.damaged', { blob, reason: file.reason });
  const base = isDamaged ? undefined : file;
  const { isFresh, days } = plan(base?.days ?? [], kept.lists);
  if (days.length === 0) return 0;
  const folded = await foldDays(deps, kept, { base: isFresh ? undefined : base, days }, context);
  const written = await deps.months.replace(blob, listMembers(folded), stored?.etag, context);
  if (written === 'written') return days.length;
  throw new DependencyError('StorageUnavailable', 'another process wrote the history', {
    details: { blob, reason: 'conflict' },
  });
}

/** Whether the month has every day, by its index alone. */
async function isFolded(
  { months }: FoldDeps,
  { month, lists }: KeptMonth,
  context: OperationContext,
): Promise<boolean> {
  const start = await months.readStart(blobNames.history(month), { maxBytes: indexBytes }, context);
  const head = start && (await catchUnreadable(readMonthIndex(start.bytes)));
  if (head === undefined || head instanceof UnreadableBlobError) return false;
  return planFold(head.index.days, lists).days.length === 0;
}

type Work = {
  /** The month so far. */
  readonly base: MonthFile | undefined;
  readonly days: readonly KeptList[];
  readonly leastBlocks?: number;
};

/** A list of more rows than the month was cut for makes its blocks this many times longer before the month is cut anew. */
const growthFactor = 4;

async function foldDays(
  deps: FoldDeps,
  kept: KeptMonth,
  { base, days, leastBlocks = 1 }: Work,
  context: OperationContext,
): Promise<MonthFile> {
  let file = base ?? createMonthFile(kept.month, leastBlocks);
  for (const { day: date, blob: list } of days) {
    const snapshot = await catchUnreadable(readList(deps, list, context));
    if (snapshot instanceof UnreadableBlobError) {
      context.log('history.day-missing', { date, blob: list, reason: snapshot.reason });
      file = addDamagedDay(file, { date, list });
      continue;
    }
    const blocks = countBlocks(snapshot.count);
    if (file.days.length === 0 && blocks > file.blocks.length) file = createMonthFile(kept.month, blocks);
    if (blocks > growthFactor * file.blocks.length && isEveryDayKept(file.days, kept.lists)) {
      return foldDays(deps, kept, { base: undefined, days: kept.lists, leastBlocks: blocks }, context);
    }
    const period = getSnapshotPeriod(snapshot, Date.parse(date));
    file = await runInTurns(addDay(file, { date, list, period }, snapshot), deps.yieldToEventLoop);
  }
  return file;
}

async function readList(
  { store, yieldToEventLoop }: FoldDeps,
  blob: string,
  context: OperationContext,
): Promise<UsageSnapshot> {
  return runInTurns(scanSnapshot(await store.readLines(blob, context)), yieldToEventLoop);
}
