import type { Clock, YieldToEventLoop } from '../clock.ts';
import type { OperationContext } from '../context.ts';
import { DependencyError, UnreadableBlobError } from '../errors.ts';
import { listKeptDays } from '../history/kept-list-names.ts';
import type { KeptList } from '../history/kept-list-names.ts';
import { getDayBefore, listDays } from '../days.ts';
import { countBlocks } from '../history/month-index.ts';
import { isEveryDayKept, planFold, planRebuild } from '../history/plan-fold.ts';
import { getSnapshotPeriod } from '../snapshot/period.ts';
import { scanSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import { catchUnreadable } from '../stored-data/load-blobs.ts';
import {
  addDamagedDay,
  addDay,
  createMonthFile,
  indexBytes,
  listMembers,
  parseMonthFile,
  readMonthIndex,
  readOrLogDamage,
} from './month-file.ts';
import type { MonthFile } from './month-file.ts';
import type { MonthStore, SnapshotStore } from '../ports.ts';

export type FoldDeps = {
  readonly store: SnapshotStore;
  readonly months: MonthStore;
  readonly clock: Clock;
  readonly yieldToEventLoop: YieldToEventLoop;
};

/** The days that were folded, and the months they are of. */
export type FoldOutcome = { readonly days: number; readonly months: number; readonly isComplete: boolean };

/** After this time no new month starts; the next refresh continues. */
const foldBudgetMs = 20_000;

/**
 * Folds every kept day before the UTC day `today` that is not in the history yet, the newest month first. A damaged month is rebuilt only
 * while the list of every day of it can be read, because its bytes may be all that is left of a day. Only the holder of the refresh's
 * lease may call it. Throws DependencyError `StorageUnavailable`; what was written by then counts.
 */
export async function foldKeptDays(deps: FoldDeps, today: string, context: OperationContext): Promise<FoldOutcome> {
  const startedAt = deps.clock();
  const outcome = { days: 0, months: 0 };
  for (const kept of await listKeptMonths(deps, today, context)) {
    if (deps.clock() - startedAt > foldBudgetMs) return { ...outcome, isComplete: false };
    if (await isFolded(deps, kept, context)) continue;
    const rule = { createPlan: planFold, mayLoseDays: false };
    const { days } = await foldMonth(deps, kept, rule, context);
    if (days > 0) outcome.months += 1;
    outcome.days += days;
  }
  return { ...outcome, isComplete: true };
}

/**
 * Rebuilds every month from its kept days before the UTC day `today`, the newest first, and overwrites a damaged month even if some of
 * its lists are deleted. Only the holder of the refresh's lease may call it. Throws as `foldKeptDays` does.
 */
export async function* rebuildHistory(
  deps: FoldDeps,
  today: string,
  context: OperationContext,
): AsyncGenerator<RebuiltMonth, void> {
  for (const kept of await listKeptMonths(deps, today, context)) {
    const rule = { createPlan: planRebuild, mayLoseDays: true };
    yield { month: kept.month, ...(await foldMonth(deps, kept, rule, context)) };
  }
}

/** A month that was rebuilt; 0 days for one that stays because some of its lists are deleted. */
export type RebuiltMonth = FoldedMonth & { readonly month: string };

type KeptMonth = {
  readonly month: string;
  readonly lists: readonly KeptList[];
  /** Whether every day of the month before today is kept. */
  readonly isWhole: boolean;
};

/** The months of kept days before `today`, the newest first. */
async function listKeptMonths({ store }: FoldDeps, today: string, context: OperationContext): Promise<KeptMonth[]> {
  const kept = listKeptDays(await store.listBlobs('daily/', context)).filter(({ day }) => day < today);
  const months = Array.from(
    Map.groupBy(kept, ({ day }) => day.slice(0, 7)),
    ([month, lists]) => {
      const past = listDays(`${month}-01`, getDayBefore(today)).filter((day) => day.startsWith(month));
      return { month, lists, isWhole: lists.length === past.length };
    },
  );
  return months.toReversed();
}

type FoldRule = { readonly createPlan: typeof planFold; readonly mayLoseDays: boolean };

/** How many days were folded, and whether they replaced a damaged blob. */
type FoldedMonth = { readonly days: number; readonly wasDamaged: boolean };

async function foldMonth(
  deps: FoldDeps,
  kept: KeptMonth,
  { createPlan, mayLoseDays }: FoldRule,
  context: OperationContext,
): Promise<FoldedMonth> {
  const blob = blobNames.history(kept.month);
  const stored = await deps.months.readStart(blob, { maxBytes: Infinity }, context);
  const extended =
    stored &&
    (await readOrLogDamage(
      parseMonthFile(stored.bytes).then((base) => foldPlanned(deps, kept, { base, createPlan }, context)),
      { blob, context },
    ));
  const wasDamaged = stored !== undefined && extended === undefined;
  const isProtected = wasDamaged && !mayLoseDays;
  if (isProtected && !kept.isWhole) return { days: 0, wasDamaged };
  const { file, days } = extended ?? (await foldPlanned(deps, kept, { base: undefined, createPlan }, context));
  if (days === 0) return { days, wasDamaged };
  if (isProtected && file.days.some(({ period }) => period === null)) return { days: 0, wasDamaged };
  const written = await deps.months.replace(blob, listMembers(file), stored?.etag, context);
  if (written === 'written') return { days, wasDamaged };
  throw new DependencyError('StorageUnavailable', 'another process wrote the history', {
    details: { blob, reason: 'conflict' },
  });
}

type PlannedFold = Pick<FoldWork, 'base'> & Pick<FoldRule, 'createPlan'>;

/** The month with the days of the plan, and how many these are. */
async function foldPlanned(
  deps: FoldDeps,
  kept: KeptMonth,
  { base, createPlan }: PlannedFold,
  context: OperationContext,
): Promise<{ readonly file: MonthFile; readonly days: number }> {
  const { isRebuild, days } = createPlan(base?.days ?? [], kept.lists);
  const file = await foldDays(deps, kept, { base: isRebuild ? undefined : base, days }, context);
  const damaged = new Set(file.days.filter(({ period }) => period === null).map(({ date }) => date));
  const lost = base?.days.find(({ date, period }) => period !== null && damaged.has(date));
  if (lost === undefined) return { file, days: days.length };
  // The list of a folded day is damaged, so its figures exist nowhere else: it counts as deleted.
  const lists = kept.lists.filter(({ day }) => day !== lost.date);
  return foldPlanned(deps, { ...kept, lists }, { base, createPlan }, context);
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

type FoldWork = {
  /** The month so far. */
  readonly base: MonthFile | undefined;
  readonly days: readonly KeptList[];
  readonly leastBlocks?: number;
};

/** A month gets new blocks when a list needs more than this many times the blocks it has. */
const growthFactor = 4;

async function foldDays(
  deps: FoldDeps,
  kept: KeptMonth,
  { base, days, leastBlocks = 1 }: FoldWork,
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
