import type { BudgetEvent } from './event.ts';
import type { KnownRow } from './known-rows.ts';

/** When percentage and cost of a legacy row both fall to this share, a new billing period has started. */
const restartShare = 0.1;

/** What a row does, without the row's own figures. */
export type Crossing = Pick<BudgetEvent, 'kind' | 'threshold' | 'isHighest'>;

/** What a row does now and did not do when it was last known; an unknown row starts at 0 percent. `thresholds` ascend. */
export function compareRow(now: KnownRow, before: KnownRow | undefined, thresholds: readonly number[]): Crossing[] {
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

/** Whether the figures of a legacy row show a new billing period: both fall to nearly nothing. */
export function hasRestarted(before: KnownRow, now: KnownRow): boolean {
  return (
    before.totalCost > 0 &&
    Math.abs(now.totalCost) <= before.totalCost * restartShare &&
    Math.abs(now.percent) <= before.percent * restartShare
  );
}

/** Whether either figure is lower than when last known. */
export function hasFallen(before: KnownRow, now: KnownRow): boolean {
  return now.percent < before.percent || now.totalCost < before.totalCost;
}

function createCrossing(kind: Crossing['kind']): Crossing {
  return { kind, threshold: null, isHighest: true };
}
