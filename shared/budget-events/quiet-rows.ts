import { createOverBudgetProjections } from '../views/forecast.ts';
import type { Comparison } from './crossings.ts';

/**
 * Whether a row of `next` surely has no event and nothing to remember when compared with its row in `last`, told from the columns
 * alone: true for nearly every row of a list. False means that the row must be compared.
 */
export function createQuietCheck({
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
    // An unknown figure is NaN, for which every comparison is false.
    const [cost = Number.NaN, costBefore = Number.NaN] = [totalCost[row], lastCost[place]];
    // A legacy row that costs less may have started again.
    if (!(cost >= costBefore || (isUpgraded[row] === 1 && cost < costBefore))) return false;
    const hasBudget = (budgetAmount[row] ?? Number.NaN) <= Infinity;
    if (hasBudget !== (lastBudget[place] ?? Number.NaN) <= Infinity) return false;
    if (!hasBudget) return !(cost > 0) || costBefore > 0;
    const [percent = Number.NaN, percentBefore = Number.NaN] = [percentUsed[row], lastPercentUsed[place]];
    if (!(percent >= percentBefore || percent < percentBefore)) return false;
    if (isThresholdPassed(percentBefore, percent)) return false;
    return isProjectedOver(row) !== true || wasProjectedOver(place) === true;
  };
}
