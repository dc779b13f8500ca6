import { dayMs } from '../days.ts';
import { formatRowKey } from './day-figures.ts';
import type { DayFigures } from './day-figures.ts';
import { isContinued, toNumbers } from './daily-cost.ts';
import type { FigureNumbers } from './daily-cost.ts';
import type { RowDay } from './month-lines.ts';

/**
 * What rows have spent on each of the last 28 UTC days before today, yesterday last, by `formatRowKey` of the row. NaN where that is not
 * known: the day before must have the row too, in the same period and currency.
 */
export type RecentCosts = ReadonlyMap<string, readonly number[]>;

/** The figures of one row by UTC day. */
export type FiguresByDay = ReadonlyMap<string, DayFigures>;

/** How many UTC days are looked at: enough for two known weeks with some days missing. */
export const recentDays = 28;

type Known = { readonly dailyCosts: number[]; position: number; figures: FigureNumbers };

/** Collects the recent costs of rows; the days of a row must come in reverse order. */
export type RecentCostCollector = { readonly costs: RecentCosts; add(day: RowDay): void };

/** Creates a collector without rows. */
export function createRecentCosts(today: string): RecentCostCollector {
  const rows = new Map<string, Known>();
  const costs = new Map<string, readonly number[]>();
  // Dates repeat for every row, so their positions are cached.
  const positions = new Map<string, number>();
  const findPosition = (date: string): number => {
    const position = positions.get(date) ?? recentDays - (Date.parse(today) - Date.parse(date)) / dayMs;
    positions.set(date, position);
    return position;
  };
  return {
    costs,
    add({ row, date, figures: read }: RowDay): void {
      const key = formatRowKey(row);
      const known = rows.get(key);
      const [position, figures] = [findPosition(date), toNumbers(read)];
      if (known === undefined) {
        const dailyCosts = Array.from({ length: recentDays }, () => Number.NaN);
        rows.set(key, { dailyCosts, position, figures });
        costs.set(key, dailyCosts);
        return;
      }
      if (position === known.position - 1 && isContinued(row, figures, known.figures)) {
        // Doubles are enough to find a jump; the event gets exact figures.
        known.dailyCosts[known.position] = known.figures.totalCost - figures.totalCost;
      }
      known.position = position;
      known.figures = figures;
    },
  };
}
