import { addDays, formatDay, getDayBefore } from '../days.ts';
import { computeDailyCost, isContinued, toNumbers } from '../history/daily-cost.ts';
import type { FigureNumbers } from '../history/daily-cost.ts';
import { createFigureReader, formatRowKey } from '../history/day-figures.ts';
import type { HistoryRow } from '../history/day-figures.ts';
import { recentDays } from '../history/recent-costs.ts';
import type { FiguresByDay, RecentCosts } from '../history/recent-costs.ts';
import { isUnreadable, textAt } from '../snapshot/columns.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import type { ChunkedWork } from '../turns.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { averageDecimals } from '../views/decimal.ts';
import { createFlatRows } from '../views/flat-row.ts';
import type { BudgetEvent, JumpFigures } from './event.ts';
import { findJump, isLargeEnough } from './jump-rule.ts';

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
  /** When the list was fetched; epoch milliseconds. */
  readonly fetchedAt: number;
  readonly floors: JumpFloors;
};

/** A search for jumps in two steps, so that only few rows need their earlier days. */
export type JumpFinder = {
  /** Whether the row may have jumped, by its figures of the day before. Remembers such rows for `findJumped`. */
  readonly mayHaveJumped: (row: HistoryRow, yesterday: FigureNumbers) => boolean;
  /** The remembered rows whose cost of the day is far above usual, in upstream order. */
  readonly findJumped: (recent: RecentCosts) => readonly JumpedRow[];
};

/** Creates the search for jumps on the UTC day of `fetchedAt`. */
export function* createJumpFinder({ next, fetchedAt, floors }: JumpSearch): ChunkedWork<JumpFinder> {
  const today = formatDay(fetchedAt);
  const reader = createFigureReader(next);
  const getLeastRise = createLeastRiseCalculator(next, floors);
  const findRow = yield* indexRows(next);
  const candidates = new Map<string, { readonly row: number; readonly cost: number }>();

  function mayHaveJumped(historyRow: HistoryRow, yesterday: FigureNumbers): boolean {
    const row = findRow(historyRow);
    if (row === undefined) return false;
    const cost = Number(next.totalCost[row]) - yesterday.totalCost;
    if (!isLargeEnough({ cost, leastRise: getLeastRise(row) })) return false;
    if (!isContinued(historyRow, yesterday, toNumbers(reader.getFigures(row)))) return false;
    candidates.set(formatRowKey(historyRow), { row, cost });
    return true;
  }

  function findJumped(recent: RecentCosts): readonly JumpedRow[] {
    const jumped: JumpedRow[] = [];
    for (const [key, { row, cost }] of candidates) {
      const jump = findJump({
        cost,
        costsBefore: recent.get(key) ?? [],
        day: fetchedAt,
        leastRise: getLeastRise(row),
      });
      if (jump === undefined) continue;
      jumped.push({
        row,
        key,
        comparedDays: jump.comparedDays.map((position) => addDays(today, position - recentDays)),
      });
    }
    return jumped.toSorted((one, other) => one.row - other.row);
  }

  return { mayHaveJumped, findJumped };
}

/** Indexing this many rows takes a few milliseconds. */
const rowsPerTurn = 10_000;

/** Finds the row of a customer and kind. Partner Center may list a row twice by mistake; the first one counts. */
function* indexRows(next: UsageSnapshot): ChunkedWork<(row: HistoryRow) => number | undefined> {
  const rowsByKind = [new Map<string, number>(), new Map<string, number>()];
  for (let row = 0; row < next.count; row += 1) {
    if (row % rowsPerTurn === 0) yield;
    const rows = rowsByKind[Number(next.isUpgraded[row])];
    const id = textAt(next.customerIds, row);
    if (rows !== undefined && !rows.has(id)) rows.set(id, row);
  }
  return ({ customerId, isUpgraded }) =>
    isUpgraded === null ? undefined : rowsByKind[Number(isUpgraded)]?.get(customerId);
}

/** How much more than usual a row's day must cost, in the row's currency; NaN when a figure needed for it is unknown. */
function createLeastRiseCalculator(next: UsageSnapshot, { budgetPercent, usd }: JumpFloors): (row: number) => number {
  const usdIndex = next.currencies.indexOf('USD');
  return (row) => {
    if (isUnreadable(next, row, 'budget')) return Number.NaN;
    const budget = Number(next.budgetAmount[row]);
    if (budget > 0) return (budget * budgetPercent) / 100;
    if (usdIndex >= 0 && next.currency[row] === usdIndex) return usd;
    // The row's two costs give the exchange rate; without a cost in USD it is unknown.
    const usdCost = Number(next.usdTotalCost[row]);
    return usdCost > 0 ? (usd * Number(next.totalCost[row])) / usdCost : Number.NaN;
  };
}

/** The events of rows that have jumped, given the exact figures of these rows. A row with a figure that has too many digits raises none. */
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
    const getCost = (date: string) =>
      computeDailyCost(reader.getRow(row), days.get(getDayBefore(date)), days.get(date));
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
