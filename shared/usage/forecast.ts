import { numberAt } from './columns.ts';
import type { UsageSnapshot } from './snapshot.ts';

/**
 * How far a forecast may be trusted, by the days of its month that have passed: fewer than 5 `low`, fewer than 15 `medium`, else
 * `high`; `none`: there is no forecast.
 */
type ForecastConfidence = 'none' | 'low' | 'medium' | 'high';

/** What a row's spending so far says of its whole month. `NaN`: nothing. */
export type Forecast = {
  /** `percentUsed` divided by the elapsed share of the month, to two decimals: 100 uses up the budget on the month's last instant. */
  readonly pacePercent: number;
  /** `totalCost` divided by the same share, to two decimals, in the row's currency. */
  readonly projectedMonthEndCost: number;
  readonly confidence: ForecastConfidence;
};

const dayMs = 86_400_000;
const lowDays = 5;
const mediumDays = 15;
const nothing: Forecast = { pacePercent: Number.NaN, projectedMonthEndCost: Number.NaN, confidence: 'none' };

/**
 * The forecast of each row, by spending so far over the elapsed share of the UTC month at the row's own `lastModifiedDate`: usage
 * is taken to go on as it did. Rows of an older month than the newest in the snapshot have none, since their month is over.
 */
export function createForecasts(snapshot: UsageSnapshot): (row: number) => Forecast {
  const { lastModified, budgetAmount, percentUsed, totalCost } = snapshot;
  const month = monthOf(newestOf(lastModified));

  return function forecastOf(row) {
    const elapsedMs = numberAt(lastModified, row) - month.start;
    // Nothing can be said on the month's first instant either.
    if (!(elapsedMs > 0)) return nothing;
    const share = elapsedMs / (month.end - month.start);
    const hasBudget = !Number.isNaN(numberAt(budgetAmount, row));
    return {
      pacePercent: hasBudget ? twoDecimals(numberAt(percentUsed, row) / share) : Number.NaN,
      projectedMonthEndCost: twoDecimals(numberAt(totalCost, row) / share),
      confidence: confidenceOf(elapsedMs / dayMs),
    };
  };
}

/**
 * Whether each row's projection is over its budget; `undefined` where that cannot be said: no budget, no forecast, or one of low
 * confidence.
 */
export function createOverBudgetProjections(snapshot: UsageSnapshot): (row: number) => boolean | undefined {
  const forecastOf = createForecasts(snapshot);
  return (row) => {
    const { projectedMonthEndCost, confidence } = forecastOf(row);
    const budget = numberAt(snapshot.budgetAmount, row);
    if (confidence === 'none' || confidence === 'low' || Number.isNaN(budget)) return undefined;
    return Number.isNaN(projectedMonthEndCost) ? undefined : projectedMonthEndCost > budget;
  };
}

function confidenceOf(elapsedDays: number): ForecastConfidence {
  if (elapsedDays < lowDays) return 'low';
  return elapsedDays < mediumDays ? 'medium' : 'high';
}

/** The UTC month an instant lies in: its first instant and that of the next. */
function monthOf(instant: number): { readonly start: number; readonly end: number } {
  const date = new Date(instant);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
}

function newestOf(lastModified: Float64Array): number {
  let newest = -Infinity;
  for (const instant of lastModified) if (instant > newest) newest = instant;
  return newest;
}

/** An amount beyond doubles has no forecast. */
function twoDecimals(value: number): number {
  const rounded = Math.round(value * 100) / 100;
  return Number.isFinite(rounded) ? rounded : Number.NaN;
}
