import type { LoadedSource } from '../reading/snapshot-source.ts';
import type { Amount } from '../views/exact-sum.ts';
import type { GroupSummary, UsageSummary } from '../views/summary.ts';
import { snapshotMember } from './representation.ts';

/** Totals as JSON. */
export function summaryBody(summary: UsageSummary, served: LoadedSource): string {
  const { currencies, locales, usd, azurePlan, legacy, customers, rows } = summary;
  return JSON.stringify({
    value: currencies.map((group) => describeGroup('currencyCode', group)),
    withoutCurrencyCode: locales.map((group) => describeGroup('currencyLocale', group)),
    usd: { ...describeAmount('usdTotalCost', usd.total), rows: usd.rows, rowsWithout: usd.rowsWithout },
    byKind: { azurePlan, legacy },
    customers,
    totalCount: rows,
    snapshot: snapshotMember(served),
  });
}

function describeGroup(unitName: string, { unit, customers, rows, totalCost, budgetAmount, ...counts }: GroupSummary) {
  return {
    [unitName]: unit,
    customers,
    rows,
    ...describeAmount('totalCost', totalCost),
    ...describeAmount('budgetAmount', budgetAmount),
    ...counts,
  };
}

/** The amount twice: as a number with all its digits, and as the same text. */
function describeAmount(name: string, amount: Amount | undefined) {
  if (amount === undefined) return { [name]: null, [`${name}Text`]: '' };
  return { [name]: JSON.rawJSON(amount.digits), [`${name}Text`]: amount.digits };
}
