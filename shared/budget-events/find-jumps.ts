import { addDays, formatDay, getDayBefore } from '../days.ts';
import { isContinued, computeDailyCost } from '../history/daily-cost.ts';
import { createFigureReader, formatRowKey } from '../history/day-figures.ts';
import { recentDays } from '../history/recent-costs.ts';
import type { FiguresByDay, RecentCostsByRow } from '../history/recent-costs.ts';
import { isUnreadable, numberAt, textAt } from '../snapshot/columns.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import type { ChunkedWork } from '../turns.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { averageDecimals } from '../views/decimal.ts';
import { createFlatRows } from '../views/flat-row.ts';
import type { BudgetEvent, JumpFigures } from './event.ts';
import { findJump } from './jump-rule.ts';

/** Minimum rise over a usual day: a share of the monthly budget in percent, or USD for a row without a budget. */
export type JumpFloors = { readonly budgetPercent: number; readonly usd: number };

/** A row of the list whose spending has jumped. */
type JumpedRow = {
  readonly row: number;
  readonly key: string;
  /** The UTC days it was compared with, ascending by cost. */
  readonly comparedDays: readonly string[];
};

export type JumpSearch = {
  readonly next: UsageSnapshot;
  readonly recent: RecentCostsByRow;
  /** When the list was fetched; epoch milliseconds. */
  readonly fetchedAt: number;
  readonly floors: JumpFloors;
};

/** Comparing this many rows takes a few milliseconds. */
const rowsPerTurn = 2000;

/** The rows whose cost of the UTC day of `fetchedAt` is far above usual, in upstream order. */
export function* findJumpedRows({ next, recent, fetchedAt, floors }: JumpSearch): ChunkedWork<readonly JumpedRow[]> {
  const today = formatDay(fetchedAt);
  const reader = createFigureReader(next);
  const getLeastRise = createLeastRiseReader(next, floors);
  const found = new Map<string, JumpedRow>();
  const seen = new Set<string>();
  for (let row = 0; row < next.count; row += 1) {
    if (row % rowsPerTurn === 0) yield;
    const kind = next.isUpgraded[row];
    if (kind !== 0 && kind !== 1) continue;
    const key = formatRowKey({ customerId: textAt(next.customerIds, row), isUpgraded: kind === 1 });
    const { yesterday, dailyCosts = [] } = recent.get(key) ?? {};
    // Partner Center may list a row twice by mistake; the first one counts.
    if (yesterday === undefined || seen.has(key)) continue;
    seen.add(key);
    const cost = numberAt(next.totalCost, row) - Number(yesterday.totalCost);
    const jump = findJump({ cost, costsBefore: dailyCosts, day: fetchedAt, leastRise: getLeastRise(row) });
    if (jump === undefined || !isContinued(reader.getRow(row), yesterday, reader.getFigures(row))) continue;
    const comparedDays = jump.comparedDays.map((position) => addDays(today, position - recentDays));
    found.set(key, { row, key, comparedDays });
  }
  return [...found.values()];
}

/** How much more than usual a row's day must cost, in the row's currency; NaN when a figure that decides is not known. */
function createLeastRiseReader(next: UsageSnapshot, { budgetPercent, usd }: JumpFloors): (row: number) => number {
  const usdIndex = next.currencies.indexOf('USD');
  return (row) => {
    if (isUnreadable(next, row, 'budget')) return Number.NaN;
    const budget = numberAt(next.budgetAmount, row);
    if (budget > 0) return (budget * budgetPercent) / 100;
    if (usdIndex >= 0 && next.currency[row] === usdIndex) return usd;
    // The row's own figures say what a USD is in its currency; without a cost in USD nothing does.
    const usdCost = numberAt(next.usdTotalCost, row);
    return usdCost > 0 ? (usd * numberAt(next.totalCost, row)) / usdCost : Number.NaN;
  };
}

/** The events of rows that have jumped, given the exact figures of these rows. A row with a figure that is too long has none. */
export function createJumpEvents(
  jumped: readonly JumpedRow[],
  figures: ReadonlyMap<string, FiguresByDay>,
  list: { readonly next: UsageSnapshot; readonly fetchedAt: number; readonly budgetLimits: BudgetLimits },
): BudgetEvent[] {
  const { next, fetchedAt, budgetLimits } = list;
  const getFlatRow = createFlatRows(next, budgetLimits);
  return jumped.flatMap(({ row, key, comparedDays }) => {
    const days = new Map(figures.get(key));
    const day = formatDay(fetchedAt);
    const yesterday = days.get(getDayBefore(day));
    const reader = createFigureReader(next);
    days.set(day, reader.getFigures(row));
    const getCost = (date: string) => {
      const now = days.get(date);
      return now === undefined ? '' : computeDailyCost(reader.getRow(row), days.get(getDayBefore(date)), now);
    };
    const jump = describeJump(day, getCost, comparedDays);
    if (jump === undefined) return [];
    return {
      kind: 'spendJump',
      threshold: null,
      isHighest: true,
      row: getFlatRow(row),
      previousPercentUsed: (yesterday?.budgetAmount && yesterday.percentUsed) || null,
      crossedAt: fetchedAt,
      restartedAt: null,
      jump,
    };
  });
}

/** `comparedDays` ascend by cost. */
function describeJump(
  day: string,
  getCost: (day: string) => string,
  comparedDays: readonly string[],
): JumpFigures | undefined {
  const middle = comparedDays.length / 2;
  const lower = getCost(textAt(comparedDays, Math.ceil(middle) - 1));
  const upper = getCost(textAt(comparedDays, Math.floor(middle)));
  const dailyCost = getCost(day);
  const usualDailyCost = lower === '' || upper === '' ? undefined : averageDecimals(lower, upper);
  if (dailyCost === '' || usualDailyCost === undefined) return undefined;
  const factor = Math.round((Number(dailyCost) / Number(usualDailyCost)) * 10) / 10;
  return { day, dailyCost, usualDailyCost, factor: Number(usualDailyCost) > 0 ? factor : null };
}
