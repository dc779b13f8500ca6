import type { BudgetEvent, EventKind } from './budget-event.ts';
import { paceOf } from './pace.ts';
import type { Pace } from './pace.ts';
import { recordTextsOf } from './record-texts.ts';
import type { RecordTexts } from './record-texts.ts';
import type { UsageSnapshot } from './snapshot.ts';

export type Comparison = {
  readonly next: UsageSnapshot;
  readonly last: UsageSnapshot;
  /** The UTC months the two are about, as `2026-11`. */
  readonly period: string;
  readonly lastPeriod: string;
  /** When `next` was fetched. */
  readonly fetchedAt: number;
  /** In percent, ascending. */
  readonly thresholds: readonly number[];
};

/**
 * What rows do in `next` and did not do in `last`, in upstream order. Rows of another month count in neither list, so a row starts
 * its month at 0 percent and without cost. A list that falls back to an older month has no news.
 */
export function budgetEventsOf(comparison: Comparison): BudgetEvent[] {
  const { next, last, period, lastPeriod } = comparison;
  if (lastPeriod > period) return [];
  const startsAt = Date.parse(`${period}-01T00:00:00Z`);
  // Neither list has a row of a later month.
  const isOfPeriod = ({ lastModified }: UsageSnapshot, row: number) => valueAt(lastModified, row) >= startsAt;
  const lastRowOf = createRowFinder(last);
  const events: BudgetEvent[] = [];
  for (let row = 0; row < next.count; row += 1) {
    if (!isOfPeriod(next, row)) continue;
    const found = lastRowOf(next, row);
    const lastRow = found === undefined || !isOfPeriod(last, found) ? undefined : found;
    const crossings = crossingsOf(comparison, row, lastRow);
    if (crossings.length === 0) continue;
    const facts = rowFacts(comparison, row, lastRow);
    events.push(...crossings.map((crossing) => ({ ...crossing, ...facts })));
  }
  return events;
}

type Crossing = Pick<BudgetEvent, 'kind' | 'threshold' | 'isHighest'>;

function crossingsOf({ next, last, thresholds }: Comparison, row: number, lastRow: number | undefined): Crossing[] {
  const wasSo = (test: RowTest) => lastRow !== undefined && test(last, lastRow);
  const percent = percentOf(next, row);
  const lastPercent = lastRow === undefined ? 0 : percentOf(last, lastRow);
  const passed = thresholds.filter((threshold) => lastPercent < threshold && threshold <= percent);
  const crossings: Crossing[] = passed.map((threshold) => ({
    kind: 'budgetThreshold',
    threshold,
    isHighest: threshold === passed.at(-1),
  }));
  for (const [kind, test] of tests) {
    if (test(next, row) && !wasSo(test)) crossings.push({ kind, threshold: null, isHighest: true });
  }
  return crossings;
}

type RowTest = (snapshot: UsageSnapshot, row: number) => boolean;

const tests: readonly (readonly [EventKind, RowTest])[] = [
  ['firstSpendWithoutBudget', (snapshot, row) => !hasBudget(snapshot, row) && valueAt(snapshot.totalCost, row) > 0],
  ['projectedOverBudget', isProjectedOver],
];

function isProjectedOver(snapshot: UsageSnapshot, row: number): boolean {
  if (!hasBudget(snapshot, row)) return false;
  const { projectedMonthEndCost, confidence } = rowPace(snapshot, row);
  return confidence !== 'low' && projectedMonthEndCost > valueAt(snapshot.budgetAmount, row);
}

/** Upstream's figure; without a budget it says nothing. */
function percentOf(snapshot: UsageSnapshot, row: number): number {
  return hasBudget(snapshot, row) ? valueAt(snapshot.percentUsed, row) : 0;
}

function hasBudget({ budgetAmount }: UsageSnapshot, row: number): boolean {
  return !Number.isNaN(valueAt(budgetAmount, row));
}

function rowPace({ lastModified, totalCost }: UsageSnapshot, row: number): Pace {
  return paceOf(valueAt(lastModified, row), valueAt(totalCost, row));
}

type RowFacts = Omit<BudgetEvent, keyof Crossing>;

function rowFacts({ next, last, period, fetchedAt }: Comparison, row: number, lastRow: number | undefined): RowFacts {
  const texts = recordTextsOf(next, row);
  const { projectedMonthEndCost, confidence } = rowPace(next, row);
  return {
    period,
    customerId: next.customerIds[row] ?? '',
    customerName: next.customerNames[row] ?? '',
    isUpgraded: next.isUpgraded[row] === 1,
    ...budgetFacts(texts, lastRow === undefined ? '0' : recordTextsOf(last, lastRow).percentUsed),
    totalCost: texts.totalCost,
    projectedMonthEndCost: confidence === 'low' ? null : Math.round(projectedMonthEndCost * 100) / 100,
    currencyCode: next.currencies[next.currency[row] ?? -1] ?? '',
    crossedAt: fetchedAt,
    lastModifiedDate: JSON.stringify(texts.lastModifiedDate),
  };
}

function budgetFacts({ percentUsed, budgetAmount }: RecordTexts, previousPercentUsed: string) {
  if (budgetAmount === '') return { percentUsed: 'null', previousPercentUsed: 'null', budgetAmount: 'null' };
  return { percentUsed, previousPercentUsed, budgetAmount };
}

/** Finds the row of the same customer and kind; of several, which would be upstream's mistake, the first. */
function createRowFinder({ customerIds, isUpgraded }: UsageSnapshot) {
  const rows = [new Map<string, number>(), new Map<string, number>()] as const;
  for (const [row, id] of customerIds.entries()) {
    const ofKind = rows[isUpgraded[row] === 1 ? 1 : 0];
    if (!ofKind.has(id)) ofKind.set(id, row);
  }
  return (snapshot: UsageSnapshot, row: number): number | undefined =>
    rows[snapshot.isUpgraded[row] === 1 ? 1 : 0].get(snapshot.customerIds[row] ?? '');
}

function valueAt(column: Float64Array, row: number): number {
  return column[row] ?? Number.NaN;
}
