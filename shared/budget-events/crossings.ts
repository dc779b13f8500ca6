import { dayMs } from '../days.ts';
import { hasRestarted } from '../history/daily-cost.ts';
import type { BudgetEvent } from './event.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { createFlatRows } from '../views/flat-row.ts';
import { createRowReader, pickUnknownFields, withParts } from './known-rows.ts';
import type { KnownRow, KnownRows } from './known-rows.ts';
import { collectEarlierRows, createRowFilters, createSubjectNumbers } from './earlier-rows.ts';
import { getRowKey, parseSnapshot } from '../snapshot/snapshot.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import type { ChunkedWork } from '../turns.ts';

/** A row that has left the list is forgotten after this time, or earlier with its month. */
const rememberedMs = 62 * dayMs;

export type Comparison = {
  readonly next: UsageSnapshot;
  /** The last good list; `undefined` when it cannot be read. */
  readonly last: UsageSnapshot | undefined;
  /** What was stored in addition to the last good list. */
  readonly known: KnownRows;
  /** The UTC month of `next`, as `2026-11`, and the newest month of all lists before it. */
  readonly period: string;
  readonly lastPeriod: string;
  /** Whether all rows of this month's lists are known; otherwise an unknown row may have been listed before. */
  readonly isComplete: boolean;
  /** Whether `next` has any cost; without costs, a lower figure means nothing. */
  readonly hasCost: boolean;
  readonly fetchedAt: number;
  readonly lastFetchedAt: number;
  /** In percent, ascending. */
  readonly thresholds: readonly number[];
  readonly budgetLimits: BudgetLimits;
};

export type Crossings = {
  readonly events: readonly BudgetEvent[];
  /** What to store for the next comparison, in addition to `next`. */
  readonly known: KnownRows;
};

/**
 * The events of `next`, in upstream order: thresholds and states that a row has reached since it was last known. Azure plan rows
 * start each UTC month as unknown, and rows of an older month are skipped. A legacy row starts a new period when its figures drop to
 * near zero. A list of an older month than the one before has no events.
 */
export function* findCrossings(comparison: Comparison): ChunkedWork<Crossings> {
  const { next, period, lastPeriod, isComplete, hasCost, fetchedAt, thresholds, budgetLimits } = comparison;
  const { last = parseSnapshot(Buffer.alloc(0)) } = comparison;
  const earlierRows = yield* collectEarlierRows({ ...comparison, last });
  const { isFromPeriod, isComparable } = createRowFilters(next, period);
  const readRow = createRowReader(next);
  const getFlatRow = createFlatRows(next, budgetLimits);
  const events: BudgetEvent[] = [];
  const known = new Map<string, Partial<KnownRow>>();
  const getSubject = createSubjectNumbers(next);
  const seen = new Uint8Array(2 * next.count);
  const count = period < lastPeriod ? 0 : next.count;
  for (let row = 0; row < count; row += 1) {
    if (row % rowsPerTurn === 0) yield;
    if (!isComparable(row)) continue;
    // Partner Center may list a row twice by mistake; the first one counts.
    const subject = getSubject(row);
    const isFirst = seen[subject] === 0;
    seen[subject] = 1;
    const [now, before] = [readRow(row), earlierRows.find(row)];
    const isLegacy = next.isUpgraded[row] === 0;
    const isNewPeriod = isLegacy && hasCost && before !== undefined && hasRestarted(before, now);
    const restartedAt = isNewPeriod ? fetchedAt : before?.restartedAt;
    const kept = isFirst && before && pickKnownParts(before, now, { hasCost, restartedAt });
    if (kept) known.set(getRowKey(next, row), kept);
    if (before === undefined && !(isComplete && isFromPeriod(row))) continue;
    const reference = isNewPeriod ? undefined : before;
    const crossings = compareRow(now, reference, thresholds);
    if (crossings.length === 0) continue;
    const facts = {
      row: getFlatRow(row),
      previousPercentUsed: Number.isNaN(reference?.percent) ? null : (reference?.percentUsed ?? null),
      crossedAt: fetchedAt,
      restartedAt: restartedAt ?? null,
      jump: null,
    };
    events.push(...crossings.map((crossing) => ({ ...crossing, ...facts })));
  }
  for (const { key, row } of earlierRows.listMissing()) {
    const { seenAt = comparison.lastFetchedAt } = row;
    if (fetchedAt - seenAt <= rememberedMs) known.set(key, withParts(row, { seenAt }));
  }
  return { events, known };
}

/** What to remember of a row besides its figures in the newest list; `undefined` when there is nothing. */
function pickKnownParts(
  before: KnownRow,
  now: KnownRow,
  { hasCost, restartedAt }: { readonly hasCost: boolean; readonly restartedAt: number | undefined },
): Partial<KnownRow> | undefined {
  const parts = !hasCost && hasFallen(before, now) ? withParts(before, {}) : pickUnknownFields(before, now);
  if (parts === undefined && restartedAt === undefined) return undefined;
  return { ...parts, restartedAt, seenAt: undefined };
}

/** Comparing this many rows takes a few milliseconds, even if every row raises events. */
const rowsPerTurn = 2000;

/** An event without the figures of its row. */
type Crossing = Pick<BudgetEvent, 'kind' | 'threshold' | 'isHighest'>;

/** What a row has reached since it was last known; an unknown row starts at 0 percent. `thresholds` ascend. */
function compareRow(now: KnownRow, before: KnownRow | undefined, thresholds: readonly number[]): Crossing[] {
  // NaN means an unknown percentage.
  const lastPercent = before?.percent || 0;
  const passed = thresholds.filter((threshold) => lastPercent < threshold && threshold <= now.percent);
  const crossings: Crossing[] = passed.map((threshold) => ({
    kind: 'budgetThreshold',
    threshold,
    isHighest: threshold === passed.at(-1),
  }));
  if (now.spendsWithoutBudget && !before?.spendsWithoutBudget)
    crossings.push(createCrossing('firstSpendWithoutBudget'));
  if (now.isProjectedOver && !before?.isProjectedOver) crossings.push(createCrossing('projectedOverBudget'));
  return crossings;
}

/** Whether either figure is lower than when last known. */
function hasFallen(before: KnownRow, now: KnownRow): boolean {
  return now.percent < before.percent || now.totalCost < before.totalCost;
}

function createCrossing(kind: Crossing['kind']): Crossing {
  return { kind, threshold: null, isHighest: true };
}
