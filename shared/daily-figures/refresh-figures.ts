import type { OperationContext } from '../context.ts';
import { addDays, getDayBefore, listDays, listMonths } from '../days.ts';
import { toDependencyError } from '../errors.ts';
import { toNumbers } from '../history/daily-cost.ts';
import type { FigureNumbers } from '../history/daily-cost.ts';
import { formatRowKey } from '../history/day-figures.ts';
import type { DayFigures, HistoryRow } from '../history/day-figures.ts';
import { openBlock } from '../history/month-lines.ts';
import type { OpenBlock } from '../history/month-lines.ts';
import { createRecentCosts, recentDays } from '../history/recent-costs.ts';
import type { FiguresByDay, RecentCosts } from '../history/recent-costs.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import { foldKeptDays } from './fold-history.ts';
import type { FoldDeps } from './fold-history.ts';
import { decompressMembers, readOrLogDamage } from './month-file.ts';
import { readWholeMonth } from './read-whole-month.ts';

const readDeadlineMs = 60_000;

/** Whether the recent costs of a row are wanted, by its figures of the day before today. */
type IsRowWanted = (row: HistoryRow, yesterday: FigureNumbers) => boolean;

/** The daily figures that a refresh needs: it folds past days and reads recent ones. Only the holder of the lease may use it. */
export type RefreshFigures = {
  /** Folds all kept days before the UTC day `today`, once a day. A failure is logged; the next refresh catches up. */
  catchUp(today: string, context: OperationContext): Promise<void>;
  /**
   * Recent daily costs before `today` of the rows that `isWanted` picks by their figures of the day before. `undefined` while the days
   * before are not folded, and after a failure, which is logged.
   */
  getRecentCosts(today: string, isWanted: IsRowWanted, context: OperationContext): Promise<RecentCosts | undefined>;
  /** The exact figures of the rows with these keys on the same days; `undefined` after a failure, which is logged. */
  getRecentFigures(
    today: string,
    keys: ReadonlySet<string>,
    context: OperationContext,
  ): Promise<ReadonlyMap<string, FiguresByDay> | undefined>;
};

/** Creates the only one of a process. */
export function createRefreshFigures(deps: FoldDeps): RefreshFigures {
  let foldedBefore = '';

  return {
    async catchUp(today, context) {
      if (foldedBefore === today) return;
      const startedAt = deps.clock();
      const outcome = await logFailure(foldKeptDays(deps, today, context), context);
      if (outcome === undefined) return;
      if (outcome.isComplete) foldedBefore = today;
      if (outcome.days > 0) context.log('history.folded', { ...outcome, durationMs: deps.clock() - startedAt });
    },

    async getRecentCosts(today, isWanted, context) {
      if (foldedBefore !== today) return undefined;
      return await logFailure(readRecentCosts(deps, { today, isWanted }, withDeadline(context)), context);
    },

    getRecentFigures: (today, keys, context) =>
      logFailure(readRecentFigures(deps, { today, keys }, withDeadline(context)), context),
  };
}

/** Limits the reading of the history, to leave time for publishing. */
function withDeadline(context: OperationContext): OperationContext {
  return { ...context, signal: AbortSignal.any([context.signal, AbortSignal.timeout(readDeadlineMs)]) };
}

/** The result of the work; `undefined` when it failed. A failure is only logged, so that the list is published anyway. */
async function logFailure<T>(work: Promise<T>, context: OperationContext): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code, details } = toDependencyError(error, 'the history could not be read or written');
    context.log('history.failed', { code, ...details });
    return undefined;
  }
}

/**
 * The recent daily costs of the wanted rows before the UTC day `today`. The history must be folded up to the day before; a row that is
 * missing on that day is not wanted. Reads two months at most. A damaged month is logged and counts as missing.
 */
async function readRecentCosts(
  deps: FoldDeps,
  { today, isWanted }: { readonly today: string; readonly isWanted: IsRowWanted },
  context: OperationContext,
): Promise<RecentCosts> {
  const { from, yesterday, months } = listRecentMonths(today);
  const recent = createRecentCosts(today);
  const wanted = new Set<string>();
  const isKnownWanted = (row: HistoryRow) => wanted.has(formatRowKey(row));
  // The newest month first, because it says which rows are wanted.
  for (const month of months.toReversed()) {
    const isNewest = month === months.at(-1);
    await readMonth(deps, month, context, ({ readLastDay, readDays }) => {
      const picked = new Set<HistoryRow>();
      for (const { row, figures } of readLastDay(yesterday)) if (isWanted(row, toNumbers(figures))) picked.add(row);
      for (const row of picked) wanted.add(formatRowKey(row));
      const days = [...readDays(isNewest ? (row) => picked.has(row) : isKnownWanted)];
      for (const day of days.toReversed()) if (day.date >= from) recent.add(day);
    });
  }
  return recent.costs;
}

/** The figures of the rows with these keys on the same days, with every digit. A row without figures is left out. */
async function readRecentFigures(
  deps: FoldDeps,
  { today, keys }: { readonly today: string; readonly keys: ReadonlySet<string> },
  context: OperationContext,
): Promise<ReadonlyMap<string, FiguresByDay>> {
  const { from, months } = listRecentMonths(today);
  const rows = new Map<string, Map<string, DayFigures>>();
  for (const month of months) {
    await readMonth(deps, month, context, ({ readDays }) => {
      for (const { row, date, figures } of readDays((each) => keys.has(formatRowKey(each)))) {
        if (date < from) continue;
        const key = formatRowKey(row);
        const days = rows.get(key) ?? new Map<string, DayFigures>();
        rows.set(key, days.set(date, figures));
      }
    });
  }
  return rows;
}

function listRecentMonths(today: string) {
  const [from, yesterday] = [addDays(today, -recentDays), getDayBefore(today)];
  return { from, yesterday, months: listMonths(listDays(from, yesterday)) };
}

/** Reading this many blocks takes a few milliseconds. */
const blocksPerTurn = 8;

/** Reads each block of a month. */
async function readMonth(
  { months, yieldToEventLoop }: FoldDeps,
  month: string,
  context: OperationContext,
  read: (block: OpenBlock) => void,
): Promise<void> {
  const blob = blobNames.history(month);
  const readBlocks = async () => {
    let count = 0;
    for await (const block of readWholeMonth(months, blob, context)) {
      read(openBlock(decompressMembers([block])));
      count += 1;
      if (count % blocksPerTurn === 0) await yieldToEventLoop();
    }
  };
  await readOrLogDamage(readBlocks(), { blob, context });
}
