import { createBudgetStatuses } from './budget-status.ts';
import type { BudgetLimits } from './budget-status.ts';
import { isUnreadable, scannedRecord, textAt } from '../snapshot/columns.ts';
import type { FlatField } from './flat-fields.ts';
import { createForecasts } from './forecast.ts';
import { createPeriods } from '../snapshot/period.ts';
import { readFigure, readText } from '../snapshot/record-values.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/** The text of every field; `''` where there is none. Amounts have the digits Partner Center wrote. */
export type FlatRow = { readonly [Field in FlatField]: string };

/**
 * Flat rows of a snapshot as texts, each made when it is asked for; flat-csv.ts writes the same cells as bytes. What cannot be read is
 * missing. Without a budget `percentUsed` is missing: Partner Center's 0 would say that nothing was spent. `period` is the month of the
 * row's own `lastModifiedDate`.
 */
export function createFlatRows(snapshot: UsageSnapshot, limits: BudgetLimits): (row: number) => FlatRow {
  const { customerIds, customerNames, currencies, currency, isUpgraded, lastModified } = snapshot;
  const getForecast = createForecasts(snapshot);
  const getBudgetStatus = createBudgetStatuses(snapshot, limits);
  const getPeriod = createPeriods();

  return function getFlatRow(row) {
    const record = scannedRecord(snapshot, row);
    const budgetAmount = readFigure(record, 'amount');
    const totalCost = readFigure(record, 'totalCost');
    const { pacePercent, projectedMonthEndCost, confidence } = getForecast(row);
    const hasBudget = budgetAmount !== '';
    const isAzurePlan = isUpgraded[row] === 1;
    const instant = Number(lastModified[row]);
    return {
      customerId: textAt(customerIds, row),
      customerName: textAt(customerNames, row),
      period: getPeriod(instant),
      hasBudget: isUnreadable(snapshot, row, 'budget') ? '' : String(hasBudget),
      budgetAmount,
      percentUsed: hasBudget ? readFigure(record, 'percentUsed') : '',
      totalCost,
      totalCostText: totalCost,
      currencyCode: textAt(currencies, Number(currency[row])),
      // On a legacy row it is 0 and stands for "unknown".
      usdTotalCost: isAzurePlan ? readFigure(record, 'usdTotalCost') : '',
      isUpgraded: textAt(flagTexts, Number(isUpgraded[row])),
      lastModifiedDate: Number.isNaN(instant) ? '' : readText(record, 'lastModifiedDate'),
      pacePercent: numberText(pacePercent),
      projectedMonthEndCost: numberText(projectedMonthEndCost),
      forecastConfidence: confidence,
      budgetStatus: getBudgetStatus(row),
    };
  };
}

/** By the value of the column. */
export const flagTexts = ['false', 'true'];

/** The flat rows of `rows`, one at a time: a whole list of them would hold a copy of everything. */
export function* readFlatRows(snapshot: UsageSnapshot, rows: Uint32Array, limits: BudgetLimits): Iterable<FlatRow> {
  const getFlatRow = createFlatRows(snapshot, limits);
  for (const row of rows) yield getFlatRow(row);
}

function numberText(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}
