import { flatFields } from '../views/flat-fields.ts';
import { createFlatJson } from '../views/flat-json.ts';
import type { FlatRow } from '../views/flat-row.ts';
import { formatPeriod } from '../snapshot/period.ts';

/** What a budget event can be about. */
export const eventKinds = ['budgetThreshold', 'firstSpendWithoutBudget', 'projectedOverBudget'] as const;

type EventKind = (typeof eventKinds)[number];

/** Something a row did for the first time in its period. */
export type BudgetEvent = {
  readonly kind: EventKind;
  /** In percent; `null` for the other kinds. */
  readonly threshold: number | null;
  /** Whether no higher threshold was passed at the same time; true for the other kinds. */
  readonly isHighest: boolean;
  /** The row as it was then. */
  readonly row: FlatRow;
  /** When last known, as upstream wrote it; `null` for a row that was not known or had no budget. */
  readonly previousPercentUsed: string | null;
  /** When the list was fetched in which this was seen first; epoch milliseconds. */
  readonly crossedAt: number;
  /** When the figures of a legacy row were seen to start again, in epoch milliseconds; `null` for other rows, and before that. */
  readonly restartedAt: number | null;
};

/**
 * The same for the same happening, and for no other: period, row, kind, threshold and budget. So a repeat is recognised, and no
 * event comes twice in a period unless the budget was changed. The period of a legacy row is named by the day it was seen to begin.
 */
export function buildEventId(event: BudgetEvent): string {
  const { restartedAt, row } = event;
  // A row whose date cannot be read is of no month, and its event is told in the month it was found.
  const month = row.period || formatPeriod(event.crossedAt);
  const period = restartedAt === null ? month : new Date(restartedAt).toISOString().slice(0, 10);
  return `${encodeURIComponent(period)}_${buildEventSubject(event)}`;
}

/** The part of an id that is the same in every period. */
export function buildEventSubject({ kind, threshold, row }: BudgetEvent): string {
  const { customerId, isUpgraded, budgetAmount } = row;
  const parts = [customerId, isUpgraded === 'true' ? 'azure-plan' : 'legacy', kind];
  if (threshold !== null) parts.push(String(threshold));
  if (budgetAmount !== '') parts.push(budgetAmount);
  return parts.map(encodeURIComponent).join('_');
}

const formatFlatJson = createFlatJson(flatFields);

/** An event as it is stored, with every key always there; `sequence` grows from one to the next. */
export function formatEventLine(event: BudgetEvent, sequence: number): string {
  const { kind, threshold, isHighest, row, previousPercentUsed, crossedAt } = event;
  const about = JSON.stringify({ id: buildEventId(event), sequence, kind, threshold, isHighest });
  const rest = `"previousPercentUsed":${previousPercentUsed},"crossedAt":"${new Date(crossedAt).toISOString()}"`;
  return `${about.slice(0, -1)},${formatFlatJson(row).slice(1, -1)},${rest}}`;
}
