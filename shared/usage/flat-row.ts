import { budgetStatusOf } from './budget-status.ts';
import type { BudgetLimits } from './budget-status.ts';
import { isUnreadable, numberAt, textAt } from './columns.ts';
import { flatFieldKinds } from './flat-fields.ts';
import type { FlatField } from './flat-fields.ts';
import { createForecasts } from './forecast.ts';
import { periodOf } from './period.ts';
import { recordTextsOf } from './record-texts.ts';
import type { UsageSnapshot } from './snapshot.ts';

/** The text of every field; `''` where there is none. Amounts have the digits Partner Center wrote. */
export type FlatRow = { readonly [Field in FlatField]: string };

/**
 * Flat rows of a snapshot, each made when it is asked for. What cannot be read is missing. Without a budget `percentUsed` is missing: Partner Center's 0 would say
 * that nothing was spent. `period` is the month of the row's own `lastModifiedDate`.
 */
export function createFlatRows(snapshot: UsageSnapshot, limits: BudgetLimits): (row: number) => FlatRow {
  const { customerIds, customerNames, currencies, currency, isUpgraded, lastModified } = snapshot;
  const forecastOf = createForecasts(snapshot);
  const periods = createPeriods();

  return function flatRowOf(row) {
    const texts = recordTextsOf(snapshot, row);
    const { pacePercent, projectedMonthEndCost, confidence } = forecastOf(row);
    const hasBudget = texts.budgetAmount !== '';
    const isAzurePlan = isUpgraded[row] === 1;
    const instant = numberAt(lastModified, row);
    return {
      customerId: textAt(customerIds, row),
      customerName: textAt(customerNames, row),
      period: periods(instant),
      hasBudget: isUnreadable(snapshot, row, 'budget') ? '' : String(hasBudget),
      budgetAmount: texts.budgetAmount,
      percentUsed: hasBudget ? texts.percentUsed : '',
      totalCost: texts.totalCost,
      totalCostText: texts.totalCost,
      currencyCode: textAt(currencies, numberAt(currency, row)),
      // On a legacy row it is 0 and stands for "unknown".
      usdTotalCost: isAzurePlan ? texts.usdTotalCost : '',
      isUpgraded: flagTexts[numberAt(isUpgraded, row)] ?? '',
      lastModifiedDate: Number.isNaN(instant) ? '' : texts.lastModifiedDate,
      pacePercent: numberText(pacePercent),
      projectedMonthEndCost: numberText(projectedMonthEndCost),
      forecastConfidence: confidence,
      budgetStatus: budgetStatusOf(snapshot, row, limits),
    };
  };
}

const flagTexts = ['false', 'true'];

/** The flat rows of `rows`, one at a time: a whole list of them would hold a copy of everything. */
export function* flatRowsOf(snapshot: UsageSnapshot, rows: Uint32Array, limits: BudgetLimits): Iterable<FlatRow> {
  const flatRowOf = createFlatRows(snapshot, limits);
  for (const row of rows) yield flatRowOf(row);
}

/** Writes rows as JSON objects of `fields`, each always there: a missing number, flag or date is null, a missing text empty. */
export function createFlatJson(fields: readonly FlatField[]): (row: FlatRow) => string {
  const members = fields.map((field, position) => ({
    field,
    kind: flatFieldKinds[field],
    key: `${position === 0 ? '{' : ','}"${field}":`,
  }));
  return function flatJsonOf(row) {
    let json = '';
    for (const { field, kind, key } of members) json += key + jsonTextOf(kind, row[field]);
    return `${json}}`;
  };
}

function jsonTextOf(kind: (typeof flatFieldKinds)[FlatField], text: string): string {
  switch (kind) {
    case 'digits':
    case 'flag':
      return text === '' ? 'null' : text;
    case 'date':
      return text === '' ? 'null' : `"${text}"`;
    case 'word':
      return `"${text}"`;
    case 'text':
      return JSON.stringify(text);
  }
}

function numberText(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

/** Months of instants; most rows of a list have one day, and writing a date is dear. */
function createPeriods(): (instant: number) => string {
  const dayMs = 86_400_000;
  const known = new Map<number, string>();
  return (instant) => {
    if (Number.isNaN(instant)) return '';
    const day = Math.floor(instant / dayMs);
    const period = known.get(day) ?? periodOf(instant);
    known.set(day, period);
    return period;
  };
}
