import { dayMs } from '../days.ts';
import { findNewestInstant, getPeriodBounds } from '../snapshot/period.ts';
import type { PeriodBounds } from '../snapshot/period.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

export const forecastConfidences = ['none', 'low', 'medium', 'high'] as const;

/** What a row's spending so far says of its whole month. `NaN`: nothing. */
export type Forecast = {
  /** `percentUsed` divided by the elapsed share of the month, to two decimals: 100 uses up the budget on the month's last instant. */
  readonly pacePercent: number;
  /** `totalCost` divided by the same share, to two decimals, in the row's currency. */
  readonly projectedMonthEndCost: number;
  /** `none`: there is no forecast. */
  readonly confidence: (typeof forecastConfidences)[number];
};

const nothing: Forecast = { pacePercent: Number.NaN, projectedMonthEndCost: Number.NaN, confidence: 'none' };

/**
 * The forecast of each row, by spending so far over the elapsed share of the UTC month at the row's own `lastModifiedDate`: usage
 * is taken to go on as it did. Rows of an older month than the newest in the snapshot have none, since their month is over, nor have
 * legacy rows, whose billing period is not the UTC month and is not in the record.
 */
export function createForecasts(snapshot: UsageSnapshot): (row: number) => Forecast {
  const { budgetAmount, percentUsed } = snapshot;
  const findPace = createPaces(snapshot);

  return function getForecast(row) {
    const pace = findPace(row);
    if (pace === undefined) return nothing;
    const { elapsedShare, projectedMonthEndCost, confidence } = pace;
    const hasBudget = !Number.isNaN(budgetAmount[row]);
    return {
      pacePercent: hasBudget ? twoDecimals(Number(percentUsed[row]) / elapsedShare) : Number.NaN,
      projectedMonthEndCost: twoDecimals(projectedMonthEndCost),
      confidence,
    };
  };
}

/**
 * Whether each row's projection, before rounding, is over its budget; `undefined` where that cannot be said: no budget, no
 * forecast, or one of low confidence.
 */
export function createOverBudgetProjections(snapshot: UsageSnapshot): (row: number) => boolean | undefined {
  const findPace = createPaces(snapshot);
  return (row) => {
    const budget = Number(snapshot.budgetAmount[row]);
    const pace = Number.isNaN(budget) ? undefined : findPace(row);
    if (pace === undefined || pace.confidence === 'low') return undefined;
    return pace.projectedMonthEndCost > budget;
  };
}

function createPaces(snapshot: UsageSnapshot): (row: number) => Pace | undefined {
  const { lastModified, totalCost, isUpgraded } = snapshot;
  const month = getNewestMonth(snapshot);
  return (row) => {
    const [instant, cost] = [Number(lastModified[row]), Number(totalCost[row])];
    // Nothing can be said on the month's first instant either, nor without a cost.
    if (!(instant > month.startsAt) || isUpgraded[row] !== 1 || Number.isNaN(cost)) return undefined;
    return calculatePace(instant, cost, month);
  };
}

const newestMonths = new WeakMap<UsageSnapshot, PeriodBounds>();

/** Looks at every row, so it is done once for a snapshot and not for each page. */
function getNewestMonth(snapshot: UsageSnapshot): PeriodBounds {
  const month = newestMonths.get(snapshot) ?? getPeriodBounds(findNewestInstant(snapshot));
  newestMonths.set(snapshot, month);
  return month;
}

/** An amount beyond doubles has no forecast. */
function twoDecimals(value: number): number {
  const rounded = Math.round(value * 100) / 100;
  return Number.isFinite(rounded) ? rounded : Number.NaN;
}

/** Full days of the month after which a projection means something, and after which it means much. */
const mediumAfterDays = 5;
const highAfterDays = 10;

type Pace = {
  /** Of the row's own month, at its `lastModifiedDate`. */
  readonly elapsedShare: number;
  /** What the month will have cost if it goes on as it went, in the row's currency. */
  readonly projectedMonthEndCost: number;
  readonly confidence: 'low' | 'medium' | 'high';
};

/** How fast a row spends: its cost over the elapsed share of its month. */
function calculatePace(lastModified: number, totalCost: number, { startsAt, endsAt }: PeriodBounds): Pace {
  const elapsedDays = (lastModified - startsAt) / dayMs;
  const elapsedShare = (lastModified - startsAt) / (endsAt - startsAt);
  return {
    elapsedShare,
    projectedMonthEndCost: totalCost / elapsedShare,
    confidence: elapsedDays < mediumAfterDays ? 'low' : elapsedDays < highAfterDays ? 'medium' : 'high',
  };
}
