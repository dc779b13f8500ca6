import type { BudgetEvent } from './event.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import { numberAt, textAt } from '../snapshot/columns.ts';
import { createFlatRows } from '../views/flat-row.ts';
import { createRowReader, pickOpenParts, unknownRow, withParts } from './known-rows.ts';
import type { KnownRow, KnownRows } from './known-rows.ts';
import { compareRow, hasFallen, hasRestarted } from './row-comparison.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/** A row that left the list is forgotten after this time, if not with its month before. */
const rememberedMs = 62 * 24 * 3_600_000;

export type Comparison = {
  readonly next: UsageSnapshot;
  /** The last good list; `undefined` when it is lost. */
  readonly last: UsageSnapshot | undefined;
  /** What is known besides the last good list. */
  readonly known: KnownRows;
  /** The UTC month that `next` is about, as `2026-11`, and the newest that any list before was about. */
  readonly period: string;
  readonly lastPeriod: string;
  /** Whether all rows that lists of the month had are known; otherwise an unknown row may be an old one. */
  readonly isComplete: boolean;
  /** Whether `next` has any cost: if not, a figure that falls says nothing. */
  readonly hasCost: boolean;
  readonly fetchedAt: number;
  readonly lastFetchedAt: number;
  /** In percent, ascending. */
  readonly thresholds: readonly number[];
  readonly budgetLimits: BudgetLimits;
};

export type Crossings = {
  readonly events: readonly BudgetEvent[];
  /** What is known besides `next` from now on. */
  readonly known: KnownRows;
};

/**
 * What rows do in `next` and did not do when last known, in upstream order. Azure plan rows start every UTC month unknown, and those
 * of an older month are left out; a legacy row starts anew when its figures do. A list that falls back to an older month has no news.
 */
export function findCrossings(comparison: Comparison): Crossings {
  const { next, period, lastPeriod, isComplete, hasCost, fetchedAt, thresholds, budgetLimits } = comparison;
  const rowsBefore = collectKnownRows(comparison);
  const { isFromPeriod, isComparable } = createRowFilters(next, period);
  const readRow = createRowReader(next);
  const getFlatRow = createFlatRows(next, budgetLimits);
  const events: BudgetEvent[] = [];
  const known = new Map<string, Partial<KnownRow>>();
  const seen = { legacy: new Set<string>(), 'azure-plan': new Set<string>() };
  const count = period < lastPeriod ? 0 : next.count;
  for (let row = 0; row < count; row += 1) {
    if (!isComparable(row)) continue;
    const id = textAt(next.customerIds, row);
    const kind = getKind(next, row);
    const [now, before] = [readRow(row), rowsBefore[kind].get(id)];
    const isNewPeriod = kind === 'legacy' && hasCost && before !== undefined && hasRestarted(before, now);
    const restartedAt = isNewPeriod ? fetchedAt : before?.restartedAt;
    // A list may hold a row twice, which is upstream's mistake: the first is what will be known.
    const isFirst = !seen[kind].has(id);
    const kept = isFirst && before && pickKnownParts(before, now, { hasCost, restartedAt });
    if (kept) known.set(`${id}/${kind}`, kept);
    seen[kind].add(id);
    if (before === undefined && !(isComplete && isFromPeriod(row))) continue;
    const reference = isNewPeriod ? undefined : before;
    const crossings = compareRow(now, reference, thresholds);
    if (crossings.length === 0) continue;
    const facts = {
      row: getFlatRow(row),
      previousPercentUsed: Number.isNaN(reference?.percent) ? null : (reference?.percentUsed ?? null),
      crossedAt: fetchedAt,
      restartedAt: restartedAt ?? null,
    };
    events.push(...crossings.map((crossing) => ({ ...crossing, ...facts })));
  }
  for (const kind of kinds) {
    for (const [id, row] of rowsBefore[kind]) {
      if (seen[kind].has(id)) continue;
      const { seenAt = comparison.lastFetchedAt } = row;
      if (fetchedAt - seenAt <= rememberedMs) known.set(`${id}/${kind}`, withParts(row, { seenAt }));
    }
  }
  return { events, known };
}

/** What is known of a row besides what the newest list says of it; `undefined` when that is nothing. */
function pickKnownParts(
  before: KnownRow,
  now: KnownRow,
  { hasCost, restartedAt }: { readonly hasCost: boolean; readonly restartedAt: number | undefined },
): Partial<KnownRow> | undefined {
  const parts = !hasCost && hasFallen(before, now) ? withParts(before, {}) : pickOpenParts(before, now);
  const isEmpty = Object.keys(parts).length === 0 && restartedAt === undefined;
  return isEmpty ? undefined : { ...parts, restartedAt, seenAt: undefined };
}

const kinds = ['legacy', 'azure-plan'] as const;
type Kind = (typeof kinds)[number];

/** Of a comparable row. */
function getKind({ isUpgraded }: UsageSnapshot, row: number): Kind {
  return isUpgraded[row] === 1 ? 'azure-plan' : 'legacy';
}

/**
 * Every row that is known in the month of `next`, by kind and customer id: with one key made of both, 100 000 rows take four times
 * as long.
 */
function collectKnownRows({ last, known, period, lastPeriod }: Comparison) {
  const rows = { legacy: new Map<string, KnownRow>(), 'azure-plan': new Map<string, KnownRow>() };
  if (last !== undefined) {
    const readRow = createRowReader(last);
    const { isComparable } = createRowFilters(last, period > lastPeriod ? period : lastPeriod);
    for (let row = 0; row < last.count; row += 1) {
      const id = textAt(last.customerIds, row);
      const ofKind = rows[getKind(last, row)];
      if (isComparable(row) && !ofKind.has(id)) ofKind.set(id, readRow(row));
    }
  }
  for (const [key, parts] of known) {
    const kind = key.endsWith('/legacy') ? 'legacy' : 'azure-plan';
    const id = key.slice(0, -kind.length - 1);
    const isForgotten = period > lastPeriod && kind === 'azure-plan';
    if (!isForgotten) rows[kind].set(id, withParts(rows[kind].get(id) ?? unknownRow, parts));
  }
  return rows;
}

/** `isComparable`: of an Azure plan in this UTC month, or of a legacy subscription, whose billing period is not known. */
function createRowFilters({ lastModified, isUpgraded }: UsageSnapshot, period: string) {
  const startsAt = Date.parse(`${period}-01T00:00:00Z`);
  const isFromPeriod = (row: number) => numberAt(lastModified, row) >= startsAt;
  const isComparable = (row: number) => isUpgraded[row] === 0 || (isUpgraded[row] === 1 && isFromPeriod(row));
  return { isFromPeriod, isComparable };
}
