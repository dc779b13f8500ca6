import { dayMs } from '../days.ts';
import { formatRowKey } from './day-figures.ts';
import type { DayFigures, HistoryRow } from './day-figures.ts';
import { isContinued } from './daily-cost.ts';
import type { RowDay } from './month-lines.ts';

/** A row's costs before today. */
type RecentCosts = {
  /**
   * What the row spent on each of the last 28 UTC days before today, yesterday last. NaN where that is not known: the day before must
   * have the row too, in the same period and currency.
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

/** The figures of one row by UTC day. */
export type FiguresByDay = ReadonlyMap<string, DayFigures>;

/** How many UTC days are looked at: enough for two known weeks with some days missing. */
export const recentDays = 28;

type Known = { readonly row: HistoryRow; readonly dailyCosts: number[]; position: number; figures: DayFigures };

/** Collects the recent costs of rows; the days of a row must come in order. */
export function createRecentCosts(today: string) {
  const rows = new Map<string, Known>();
  // Dates repeat for every row, so their positions are cached.
  const positions = new Map<string, number>();
  const findPosition = (date: string): number => {
    const position = positions.get(date) ?? recentDays - (Date.parse(today) - Date.parse(date)) / dayMs;
    positions.set(date, position);
    return position;
  };
  return {
    add({ row, date, figures }: RowDay): void {
      const key = formatRowKey(row);
      const known = rows.get(key);
      const position = findPosition(date);
      if (known === undefined) {
        const dailyCosts = Array.from({ length: recentDays }, () => Number.NaN);
        rows.set(key, { row, dailyCosts, position, figures });
        return;
      }
      if (position === known.position + 1 && isContinued(row, known.figures, figures)) {
        // Doubles are enough to find a jump; the event gets exact figures.
        known.dailyCosts[position] = Number(figures.totalCost) - Number(known.figures.totalCost);
      }
      known.position = position;
      known.figures = figures;
    },
    build(): RecentCostsByRow {
      return new Map(
        Array.from(rows, ([key, { dailyCosts, position, figures }]) => [
          key,
          { dailyCosts, yesterday: position === recentDays - 1 ? figures : undefined },
        ]),
      );
    },
  };
}
