import { formatRowKey } from '../history/day-figures.ts';
import type { DayFigures, HistoryRow } from '../history/day-figures.ts';
import { addDays, getDayBefore, listDays, listMonths } from '../days.ts';
import { readBlock } from '../history/month-lines.ts';
import type { RowDay } from '../history/month-lines.ts';
import { createRecentCosts, recentDays } from '../history/recent-costs.ts';
import type { FiguresByDay, RecentCostsByRow } from '../history/recent-costs.ts';
import type { OperationContext } from '../context.ts';
import { runInTurns } from '../turns.ts';
import type { ChunkedWork } from '../turns.ts';
import { blobNames } from '../stored-data/blob-names.ts';
import type { FoldDeps } from './fold-history.ts';
import { readOrLogDamage } from '../stored-data/load-blobs.ts';
import { decompressMembers, parseMonthFile } from './month-file.ts';
import type { MonthFile } from './month-file.ts';

type HistoryDeps = Pick<FoldDeps, 'months' | 'yieldToEventLoop'>;

/**
 * What every row has spent on its last known days before the UTC day `today`, from the history; `today` must be folded up to the day
 * before. Reads two months at most. A damaged month is logged and counts as missing.
 */
export async function readRecentCosts(
  deps: HistoryDeps,
  today: string,
  context: OperationContext,
): Promise<RecentCostsByRow> {
  const recent = createRecentCosts(today);
  await readRecentDays(deps, { today, isWanted: () => true, add: (day) => recent.add(day) }, context);
  return recent.build();
}

/** The figures of the rows with these keys on the same days, with every digit; a row that has none is missing. */
export async function readRecentFigures(
  deps: HistoryDeps,
  { today, keys }: { readonly today: string; readonly keys: ReadonlySet<string> },
  context: OperationContext,
): Promise<ReadonlyMap<string, FiguresByDay>> {
  const rows = new Map<string, Map<string, DayFigures>>();
  const isWanted = (row: HistoryRow) => keys.has(formatRowKey(row));
  const add = ({ row, date, figures }: RowDay) => {
    const key = formatRowKey(row);
    const days = rows.get(key) ?? new Map<string, DayFigures>();
    rows.set(key, days.set(date, figures));
  };
  await readRecentDays(deps, { today, isWanted, add }, context);
  return rows;
}

type Wanted = {
  readonly today: string;
  readonly isWanted: (row: HistoryRow) => boolean;
  readonly add: (rowDay: RowDay) => void;
};

/** Reads the days before `today`, those of each row in order. */
async function readRecentDays(
  { months, yieldToEventLoop }: HistoryDeps,
  wanted: Wanted,
  context: OperationContext,
): Promise<void> {
  const from = addDays(wanted.today, -recentDays);
  for (const month of listMonths(listDays(from, getDayBefore(wanted.today)))) {
    const blob = blobNames.history(month);
    const stored = await months.readStart(blob, { maxBytes: Infinity }, context);
    if (stored === undefined) continue;
    const read = async () =>
      runInTurns(addRecentDays(wanted, await parseMonthFile(stored.bytes), from), yieldToEventLoop);
    await readOrLogDamage(read(), { blob, context });
  }
}

/** Reading this many blocks takes a few milliseconds. */
const blocksPerTurn = 8;

function* addRecentDays({ isWanted, add }: Wanted, file: MonthFile, from: string): ChunkedWork<void> {
  for (const [position, { rows, days }] of file.blocks.entries()) {
    const text = decompressMembers([rows, ...days]);
    for (const rowDay of readBlock(text, isWanted)) if (rowDay.date >= from) add(rowDay);
    if (position % blocksPerTurn === 0) yield;
  }
}
