/** What a budget event can be about. */
export const eventKinds = ['budgetThreshold', 'firstSpendWithoutBudget', 'projectedOverBudget'] as const;

export type EventKind = (typeof eventKinds)[number];

/** Something a row did for the first time in its period. Figures are JSON texts with upstream's own digits, or `null`. */
export type BudgetEvent = {
  readonly kind: EventKind;
  /** In percent; `null` for the other kinds. */
  readonly threshold: number | null;
  /** Whether no higher threshold was passed at the same time; true for the other kinds. */
  readonly isHighest: boolean;
  /** The UTC month, as `2026-11`. */
  readonly period: string;
  /** Lower case. */
  readonly customerId: string;
  readonly customerName: string;
  readonly isUpgraded: boolean;
  readonly percentUsed: string;
  readonly previousPercentUsed: string;
  readonly budgetAmount: string;
  readonly totalCost: string;
  /** To two decimals; `null` while too little of the month has passed. */
  readonly projectedMonthEndCost: number | null;
  /** ISO 4217; `''` when there is none. */
  readonly currencyCode: string;
  /** When the list was fetched in which this was seen first; epoch milliseconds. */
  readonly crossedAt: number;
  /** A JSON text, as upstream wrote it. */
  readonly lastModifiedDate: string;
};

/**
 * The same for the same happening, and for no other: period, row, kind, threshold and budget. So a repeat is recognised, and no
 * event comes twice in a period unless the budget was changed.
 */
export function eventIdOf(event: BudgetEvent): string {
  const { period, customerId, isUpgraded, kind, threshold, budgetAmount } = event;
  const parts = [period, customerId, isUpgraded ? 'azure-plan' : 'legacy', kind];
  if (threshold !== null) parts.push(String(threshold));
  if (budgetAmount !== 'null') parts.push(budgetAmount);
  return parts.map(encodeURIComponent).join('_');
}

/** An event as it is stored and sent, with every key always there; `sequence` grows from one to the next. */
export function eventLine(event: BudgetEvent, sequence: number): string {
  const { kind, threshold, isHighest, period, customerId, customerName, isUpgraded, currencyCode } = event;
  const about = { id: eventIdOf(event), sequence, kind, threshold, isHighest };
  const row = { period, customerId, customerName, isUpgraded };
  return [
    JSON.stringify({ ...about, ...row }).slice(0, -1),
    `"budgetAmount":${event.budgetAmount}`,
    `"percentUsed":${event.percentUsed}`,
    `"previousPercentUsed":${event.previousPercentUsed}`,
    `"totalCost":${event.totalCost}`,
    `"totalCostText":"${event.totalCost}"`,
    `"currencyCode":${JSON.stringify(currencyCode)}`,
    `"projectedMonthEndCost":${JSON.stringify(event.projectedMonthEndCost)}`,
    `"crossedAt":"${new Date(event.crossedAt).toISOString()}"`,
    `"lastModifiedDate":${event.lastModifiedDate}}`,
  ].join(',');
}
