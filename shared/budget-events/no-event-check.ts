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
    // Without odd members each row has a cost and a percentage.
    if (hasOddMembers && (next.oddMembers.has(row) || last.oddMembers.has(place))) return false;
    const [cost, costBefore] = [Number(totalCost[row]), Number(lastCost[place])];
    // A legacy row whose cost fell may have started a new billing period.
    if (cost < costBefore && isUpgraded[row] !== 1) return false;
    const hasBudget = !Number.isNaN(budgetAmount[row]);
    if (hasBudget === Number.isNaN(lastBudget[place])) return false;
    if (!hasBudget) return cost <= 0 || costBefore > 0;
    const [percent, percentBefore] = [Number(percentUsed[row]), Number(lastPercentUsed[place])];
    if (isThresholdPassed(percentBefore, percent)) return false;
    return isProjectedOver(row) !== true || wasProjectedOver(place) === true;
  };
}
