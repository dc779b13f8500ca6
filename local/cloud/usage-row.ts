/** One record: the JSON text of each member, so that every digit is ours to choose. */
export type UsageRow = Readonly<Record<string, string>>;

const budgetAttributes = '"attributes": {"objectType": "SpendingBudget"}';

/** A CustomerMonthlyUsageRecord with its members in the documented order; figures are the digits to send. */
export function usageRow(record: {
  readonly id: string;
  /** As JSON text. */
  readonly name: string;
  /** Azure plan rows have a currency code, legacy rows a locale. */
  readonly isUpgraded: boolean;
  readonly currency: string;
  /** `''`: no budget. */
  readonly amount: string;
  readonly figures: readonly [percentUsed: string, totalCost: string, usdTotalCost: string];
  readonly lastModifiedDate: string;
}): UsageRow {
  const { id, name, isUpgraded, currency, amount, figures, lastModifiedDate } = record;
  const budget = amount === '' ? `{${budgetAttributes}}` : `{"amount": ${amount}, ${budgetAttributes}}`;
  const [percentUsed, totalCost, usdTotalCost] = figures;
  return {
    budget,
    ...(!isUpgraded && { customerSpendingBudget: budget }),
    percentUsed,
    isUpgraded: String(isUpgraded),
    resourceId: `"${id}"`,
    id: `"${id}"`,
    resourceName: name,
    name,
    totalCost,
    [isUpgraded ? 'currencyCode' : 'currencyLocale']: `"${currency}"`,
    usdTotalCost,
    lastModifiedDate: `"${lastModifiedDate}"`,
    attributes: '{"objectType": "CustomerMonthlyUsageRecord"}',
  };
}

/** The stamp all Azure plan rows of a day share: before 06:00, when that day's list appears. */
export function batchStamp(day: number): string {
  return `${isoDay(day)}T05:08:11.1433333+00:00`;
}

/** `2026-11-20` */
export function isoDay(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
