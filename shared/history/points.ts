import type { Column, FieldKind } from '../views/flat-fields.ts';
import { computeDailyCost } from './daily-cost.ts';
import { formatRowKey } from './day-figures.ts';
import type { DayFigures, HistoryRow } from './day-figures.ts';
import { getDayBefore, listDays } from '../days.ts';
import type { RowDay } from './month-lines.ts';

/** The fields of a point in their fixed order, and what each holds: see `flatFieldKinds`. */
const pointFieldKinds = {
  customerId: 'text',
  customerName: 'text',
  isUpgraded: 'flag',
  date: 'date',
  period: 'date',
  totalCost: 'digits',
  totalCostText: 'word',
  dailyCost: 'digits',
  dailyCostText: 'word',
  percentUsed: 'digits',
  budgetAmount: 'digits',
  currencyCode: 'text',
  missing: 'flag',
} as const satisfies Record<string, FieldKind>;

export type PointField = keyof typeof pointFieldKinds;

/** A row on one day, every field as text. */
export type HistoryPoint = { readonly [Field in PointField]: string };

/** The columns of all fields. */
export const pointColumns: readonly Column<PointField>[] = Object.keys(pointFieldKinds)
  .filter(isPointField)
  .map((field) => ({ field, kind: pointFieldKinds[field] }));

function isPointField(name: string): name is PointField {
  return Object.hasOwn(pointFieldKinds, name);
}

export type PointRange = { readonly from: string; readonly to: string };

/** Days of one row by date. */
type Series = { readonly row: HistoryRow; readonly days: Map<string, DayFigures> };

/** Joins days into one series per row, the rows in the order in which they first come. A later figure of a day wins. */
export function collectSeries(days: Iterable<RowDay>): readonly Series[] {
  const series = new Map<string, Series>();
  for (const { row, date, figures } of days) {
    const key = formatRowKey(row);
    const known = series.get(key) ?? { row, days: new Map() };
    series.set(key, known);
    known.days.set(date, figures);
  }
  return [...series.values()];
}

/** A point for every row and day of the range. The day before the range is used for the cost of its first day. */
export function* createPoints(
  series: readonly Series[],
  { from, to }: PointRange,
  getName: (customerId: string) => string,
): Iterable<HistoryPoint> {
  const dates = listDays(from, to);
  for (const { row, days } of series) {
    let before = days.get(getDayBefore(from));
    for (const date of dates) {
      const figures = days.get(date);
      const dailyCost = computeDailyCost(row, before, figures);
      yield createPoint(row, date, { figures, dailyCost, customerName: getName(row.customerId) });
      before = figures;
    }
  }
}

type PointParts = {
  readonly figures: DayFigures | undefined;
  readonly dailyCost: string;
  readonly customerName: string;
};

function createPoint(
  row: HistoryRow,
  date: string,
  { figures = nothing, dailyCost, customerName }: PointParts,
): HistoryPoint {
  const { period, totalCost, budgetAmount, currencyCode } = figures;
  return {
    customerId: row.customerId,
    customerName,
    isUpgraded: row.isUpgraded === null ? '' : String(row.isUpgraded),
    date,
    period,
    totalCost,
    totalCostText: totalCost,
    dailyCost,
    dailyCostText: dailyCost,
    // Without a budget Partner Center's 0 would say that nothing was spent.
    percentUsed: budgetAmount === '' ? '' : figures.percentUsed,
    budgetAmount,
    currencyCode,
    missing: String(figures === nothing),
  };
}

const nothing: DayFigures = { totalCost: '', percentUsed: '', budgetAmount: '', currencyCode: '', period: '' };
