import { formatDay } from '../days.ts';
import { flatFields, getFlatColumns } from '../views/flat-fields.ts';
import { createFlatJson } from '../views/flat-json.ts';
import type { FlatRow } from '../views/flat-row.ts';
import { formatPeriod } from '../snapshot/period.ts';

/** The kinds of budget events. */
export const eventKinds = ['budgetThreshold', 'firstSpendWithoutBudget', 'projectedOverBudget', 'spendJump'] as const;

type EventKind = (typeof eventKinds)[number];

/** How much a row spent on a day and on its usual days, exactly, and how many times as much. */
export type JumpFigures = {
  /** UTC day of the list, as `2026-11-20`. */
  readonly day: string;
  readonly dailyCost: string;
  /** The median of the days that were compared. */
  readonly usualDailyCost: string;
  /** To one decimal; `null` when nothing is usual. */
  readonly factor: number | null;
};

/** Something that a row did for the first time in its period, or a jump, which happens once a day. */
export type BudgetEvent = {
  readonly kind: EventKind;
  /** In percent; `null` for the other kinds. */
  readonly threshold: number | null;
  /** Whether no higher threshold was passed at the same time; true for the other kinds. */
  readonly isHighest: boolean;
  /** The row as it was then. */
  readonly row: FlatRow;
  /** The figure when it was last known, as Partner Center wrote it; `null` for a row that was unknown or had no budget. */
  readonly previousPercentUsed: string | null;
  /** When the list with the event was fetched; epoch milliseconds. */
  readonly crossedAt: number;
  /** When the figures of a legacy row last started again, in epoch milliseconds; `null` for other rows, and before that. */
  readonly restartedAt: number | null;
  /** Of kind `spendJump` only. */
  readonly jump: JumpFigures | null;
};

/**
 * The id of an event, made of period, row, kind, threshold and budget; for a jump, of period, row, kind and day. It identifies repeats:
 * no event comes twice in a period unless the budget changes. For a legacy row, the period is the day on which it started.
 */
export function buildEventId(event: BudgetEvent): string {
  const { restartedAt, row } = event;
  // A row with an unreadable date has no month, so its event counts for the month in which it was found.
  const month = row.period || formatPeriod(event.crossedAt);
  const period = restartedAt === null ? month : formatDay(restartedAt);
  return `${encodeURIComponent(period)}_${buildEventSubject(event)}`;
}

/** The part of an id that is the same in every period. */
export function buildEventSubject({ kind, threshold, row, jump }: BudgetEvent): string {
  const { customerId, isUpgraded, budgetAmount } = row;
  const parts = [customerId, isUpgraded === 'true' ? 'azure-plan' : 'legacy', kind];
  if (threshold !== null) parts.push(String(threshold));
  if (jump !== null) parts.push(jump.day);
  else if (budgetAmount !== '') parts.push(budgetAmount);
  return parts.map(encodeURIComponent).join('_');
}

const formatFlatJson = createFlatJson(getFlatColumns(flatFields));

/** An event as one line of the stored log, with all its keys; `sequence` grows from one event to the next. */
export function formatEventLine(event: BudgetEvent, sequence: number): string {
  const { kind, threshold, isHighest, row, previousPercentUsed, crossedAt, jump } = event;
  const about = JSON.stringify({ id: buildEventId(event), sequence, kind, threshold, isHighest });
  const costs = formatJump(jump);
  const rest = `"previousPercentUsed":${previousPercentUsed},"crossedAt":"${new Date(crossedAt).toISOString()}"`;
  return `${about.slice(0, -1)},${formatFlatJson(row).slice(1, -1)},${costs},${rest}}`;
}

function formatJump(jump: JumpFigures | null): string {
  const { day = null, dailyCost = '', usualDailyCost = '', factor = null } = jump ?? {};
  const daily = `"dailyCost":${dailyCost || 'null'},"dailyCostText":"${dailyCost}"`;
  const usual = `"usualDailyCost":${usualDailyCost || 'null'},"usualDailyCostText":"${usualDailyCost}"`;
  return `"date":${JSON.stringify(day)},${daily},${usual},"dailyCostFactor":${factor}`;
}
