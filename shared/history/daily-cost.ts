import { subtractDecimals } from '../views/decimal.ts';
import type { DayFigures, HistoryRow } from './day-figures.ts';

/** When percentage and cost of a legacy row both fall to this share, a new billing period has started. */
const restartShare = 0.1;

/**
 * What the row spent from one day to the next, exactly; `''` when unknown: a figure is missing, the period or the currency
 * has changed, or a legacy row has started a new billing period. Negative after a correction.
 */
export function computeDailyCost(row: HistoryRow, before: DayFigures | undefined, now: DayFigures | undefined): string {
  if (before === undefined || now === undefined || !isContinued(row, toNumbers(before), toNumbers(now))) return '';
  return subtractDecimals(now.totalCost, before.totalCost) ?? '';
}

/** A row's figures on one day as doubles, which are enough to compare. Keeps no text of the line that they were read from. */
export type FigureNumbers = {
  /** NaN when there is none that can be read. */
  readonly totalCost: number;
  /** 0 when there is none that can be read. */
  readonly percent: number;
  readonly currencyCode: string;
  /** The UTC month of the row's `lastModifiedDate`, as `2026-11`; `''` when it cannot be read. */
  readonly period: string;
};

export function toNumbers({ totalCost, percentUsed, currencyCode, period }: DayFigures): FigureNumbers {
  const cost = totalCost === '' ? Number.NaN : Number(totalCost);
  return { totalCost: cost, percent: Number(percentUsed), currencyCode, period };
}

/** Whether the cost of both days counts from the same start, in the same currency. */
export function isContinued({ isUpgraded }: HistoryRow, before: FigureNumbers, now: FigureNumbers): boolean {
  if (Number.isNaN(before.totalCost) || Number.isNaN(now.totalCost)) return false;
  if (before.currencyCode !== now.currencyCode || before.period !== now.period || now.period === '') return false;
  // A legacy row does not state its billing period, which may start on any day of the month.
  return isUpgraded === true || !hasRestarted(before, now);
}

type RowFigures = { readonly totalCost: number; readonly percent: number };

/** Whether the figures of a legacy row show a new billing period: both fall to nearly nothing. */
export function hasRestarted(before: RowFigures, now: RowFigures): boolean {
  return (
    before.totalCost > 0 &&
    // A cost beyond a double is Infinity, and so is a tenth of it.
    now.totalCost < before.totalCost &&
    Math.abs(now.totalCost) <= before.totalCost * restartShare &&
    Math.abs(now.percent) <= before.percent * restartShare
  );
}
