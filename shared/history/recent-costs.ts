import { formatRowKey } from './day-figures.ts';
import type { DayFigures, HistoryRow } from './day-figures.ts';
import { isContinued } from './daily-cost.ts';
import { getDayBefore } from './days.ts';
import type { RowDay } from './month-lines.ts';

/** What is known of a row before today. */
type RecentCosts = {
  /**
   * What the row spent on each of its last known days before today, at most 14, oldest first. A day is known when the day before it
   * has the row too, in the same period and currency.
   */
  readonly dailyCosts: readonly number[];
  /** The row on the day before today; `undefined` when that day has no list, or its list lacks the row. */
  readonly yesterday: DayFigures | undefined;
};

/**
 * The recent costs of all rows, by `formatRowKey` of the row. A row that is not in the map has no known day. To tell what a row has spent
 * today, pass its `yesterday` to `isContinued` and subtract.
 */
export type RecentCostsByRow = ReadonlyMap<string, RecentCosts>;

const rememberedDays = 14;
/** The UTC days that are looked at: enough for 14 known days with some missing. */
export const recentDays = 28;

type Known = { readonly row: HistoryRow; dailyCosts: number[]; date: string; figures: DayFigures };

/** Collects the recent costs of rows; the days of a row must come in order. */
export function createRecentCosts(today: string) {
  const rows = new Map<string, Known>();
  // Rows are many, and days are few.
  const daysBefore = new Map<string, string>();
  const isNextDay = (before: string, day: string): boolean => {
    const expected = daysBefore.get(day) ?? getDayBefore(day);
    daysBefore.set(day, expected);
    return before === expected;
  };
  return {
    add({ row, date, figures }: RowDay): void {
      const key = formatRowKey(row);
      const known = rows.get(key);
      if (known === undefined) {
        rows.set(key, { row, dailyCosts: [], date, figures });
        return;
      }
      if (isNextDay(known.date, date) && isContinued(row, known.figures, figures)) {
        known.dailyCosts.push(Number(figures.totalCost) - Number(known.figures.totalCost));
        if (known.dailyCosts.length > rememberedDays) known.dailyCosts.shift();
      }
      known.date = date;
      known.figures = figures;
    },
    build(): RecentCostsByRow {
      const yesterday = getDayBefore(today);
      return new Map(
        Array.from(rows, ([key, { dailyCosts, date, figures }]) => [
          key,
          { dailyCosts, yesterday: date === yesterday ? figures : undefined },
        ]),
      );
    },
  };
}
