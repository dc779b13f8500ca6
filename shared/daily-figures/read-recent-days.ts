import { toNumbers } from '../history/daily-cost.ts';
import type { FigureNumbers } from '../history/daily-cost.ts';
import { formatRowKey } from '../history/day-figures.ts';
import type { DayFigures, HistoryRow } from '../history/day-figures.ts';
import { addDays, getDayBefore, listDays, listMonths } from '../days.ts';
import { readBlock, readLastDay } from '../history/month-lines.ts';
import { createRecentCosts, recentDays } from '../history/recent-costs.ts';
import type { FiguresByDay, RecentCosts } from '../history/recent-costs.ts';
import type { OperationContext } from '../context.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import { readOrLogDamage } from '../stored-data/load-blobs.ts';
import type { FoldDeps } from './fold-history.ts';
import { decompressMembers } from './month-file.ts';
import { readWholeMonth } from './read-whole-month.ts';

type HistoryDeps = Pick<FoldDeps, 'months' | 'yieldToEventLoop'>;

/** Whether the recent costs of a row are wanted, by its figures of the day before today. */
export type IsRowWanted = (row: HistoryRow, yesterday: FigureNumbers) => boolean;

/**
 * What the wanted rows have spent on their last known days before the UTC day `today`, from the history, which must be folded up to the
 * day before. A row that the day before lacks is not wanted. Reads two months at most. A damaged month is logged and counts as missing.
 */
export async function readRecentCosts(
  deps: HistoryDeps,
  { today, isWanted }: { readonly today: string; readonly isWanted: IsRowWanted },
  context: OperationContext,
): Promise<RecentCosts> {
  const { from, yesterday, months } = listRecentMonths(today);
  const recent = createRecentCosts(today);
  const wanted = new Set<string>();
  // The newest month first, because it says which rows are wanted.
  for (const month of months.toReversed()) {
    await readMonth(deps, month, context, (text) => {
      for (const { row, figures } of readLastDay(text, yesterday)) {
        if (isWanted(row, toNumbers(figures))) wanted.add(formatRowKey(row));
      }
      if (wanted.size === 0) return;
      const days = [...readBlock(text, (row) => wanted.has(formatRowKey(row)))];
      for (const day of days.toReversed()) if (day.date >= from) recent.add(day);
    });
  }
  return recent.costs;
}

/** The figures of the rows with these keys on the same days, with every digit; a row that has none is missing. */
export async function readRecentFigures(
  deps: HistoryDeps,
  { today, keys }: { readonly today: string; readonly keys: ReadonlySet<string> },
  context: OperationContext,
): Promise<ReadonlyMap<string, FiguresByDay>> {
  const { from, months } = listRecentMonths(today);
  const rows = new Map<string, Map<string, DayFigures>>();
  for (const month of months) {
    await readMonth(deps, month, context, (text) => {
      for (const { row, date, figures } of readBlock(text, (each) => keys.has(formatRowKey(each)))) {
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

/** Reads the text of each block of a month. */
async function readMonth(
  { months, yieldToEventLoop }: HistoryDeps,
  month: string,
  context: OperationContext,
  read: (text: string) => void,
): Promise<void> {
  const blob = blobNames.history(month);
  const readBlocks = async () => {
    let count = 0;
    for await (const block of readWholeMonth(months, blob, context)) {
      read(decompressMembers([block]));
      count += 1;
      if (count % blocksPerTurn === 0) await yieldToEventLoop();
    }
  };
  await readOrLogDamage(readBlocks(), { blob, context });
}
