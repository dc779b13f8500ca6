import { numberAt } from '../snapshot/columns.ts';
import { createOverBudgetProjections } from '../views/forecast.ts';
import type { Comparison } from './crossings.ts';

/**
 * Creates a fast check that reads columns only: true if a row of `next`, compared with its row in `last`, has no event and needs
 * nothing stored, as nearly every row of a list. False means: compare the row in full.
 */
export function createNoEventCheck({
  next,
  last,
  hasCost,
  thresholds,
}: Comparison): (row: number, place: number) => boolean {
  if (last === undefined || !hasCost) return () => false;
  const hasOddMembers = next.oddMembers.size > 0 || last.oddMembers.size > 0;
  const { totalCost, percentUsed, budgetAmount, isUpgraded } = next;
  const { totalCost: lastCost, percentUsed: lastPercentUsed, budgetAmount: lastBudget } = last;
  const isProjectedOver = createOverBudgetProjections(next);
  const wasProjectedOver = createOverBudgetProjections(last);

  function isThresholdPassed(before: number, now: number): boolean {
    for (const threshold of thresholds) if (before < threshold && threshold <= now) return true;
    return false;
  }

  return (row, place) => {
    if (hasOddMembers && (next.oddMembers.has(row) || last.oddMembers.has(place))) return false;
    const [cost, costBefore] = [numberAt(totalCost, row), numberAt(lastCost, place)];
    if (Number.isNaN(cost) || Number.isNaN(costBefore)) return false;
    // A legacy row whose cost fell may have started a new billing period.
    if (cost < costBefore && isUpgraded[row] !== 1) return false;
    const hasBudget = !Number.isNaN(numberAt(budgetAmount, row));
    if (hasBudget === Number.isNaN(numberAt(lastBudget, place))) return false;
    if (!hasBudget) return cost <= 0 || costBefore > 0;
    const [percent, percentBefore] = [numberAt(percentUsed, row), numberAt(lastPercentUsed, place)];
    if (Number.isNaN(percent) || Number.isNaN(percentBefore)) return false;
    if (isThresholdPassed(percentBefore, percent)) return false;
    return isProjectedOver(row) !== true || wasProjectedOver(place) === true;
  };
}
