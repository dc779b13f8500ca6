import { subtractDecimals } from '../views/decimal.ts';
import type { DayFigures, HistoryRow } from './day-figures.ts';

/** When percentage and cost of a legacy row both fall to this share, a new billing period has started. */
const restartShare = 0.1;

/**
 * What the row spent from one day to the next, exactly; `''` when unknown: a figure is missing, the period or the currency
 * has changed, or a legacy row has started a new billing period. Negative after a correction.
 */
export function computeDailyCost(row: HistoryRow, before: DayFigures | undefined, now: DayFigures): string {
  if (before === undefined || !isContinued(row, before, now)) return '';
  return subtractDecimals(now.totalCost, before.totalCost) ?? '';
}

/** Whether the cost of both days counts from the same start, in the same currency. */
export function isContinued({ isUpgraded }: HistoryRow, before: DayFigures, now: DayFigures): boolean {
  if (before.totalCost === '' || now.totalCost === '') return false;
  if (before.currencyCode !== now.currencyCode || before.period !== now.period || now.period === '') return false;
  // A legacy row does not state its billing period, which may start on any day of the month.
  return isUpgraded === true || !hasRestarted(toNumbers(before), toNumbers(now));
}

function toNumbers({ totalCost, percentUsed }: DayFigures) {
  return { totalCost: Number(totalCost), percent: Number(percentUsed) };
}

type RowFigures = { readonly totalCost: number; readonly percent: number };

/** Whether the figures of a legacy row show a new billing period: both fall to nearly nothing. */
export function hasRestarted(before: RowFigures, now: RowFigures): boolean {
  return (
    before.totalCost > 0 &&
    Math.abs(now.totalCost) <= before.totalCost * restartShare &&
    Math.abs(now.percent) <= before.percent * restartShare
  );
}
