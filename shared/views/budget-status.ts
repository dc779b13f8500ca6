import { isUnreadable } from '../snapshot/columns.ts';
import type { UsageColumns } from '../snapshot/columns.ts';

/** Shares of a budget, in percent, from which a row is `warning` and `over`. */
export type BudgetLimits = { readonly warningPercent: number; readonly overPercent: number };

/** How a row's spending compares with its budget; `none`: there is no budget, `unknown`: a figure that decides cannot be read. */
export const budgetStatuses = ['none', 'unknown', 'ok', 'warning', 'over'] as const;

type BudgetStatus = (typeof budgetStatuses)[number];

type BudgetColumns = Pick<UsageColumns, 'budgetAmount' | 'percentUsed' | 'totalCost' | 'oddMembers'>;

/** The status of each row: at or above a limit counts. */
export function createBudgetStatuses(
  columns: BudgetColumns,
  { warningPercent, overPercent }: BudgetLimits,
): (row: number) => BudgetStatus {
  const { budgetAmount, totalCost, percentUsed } = columns;

  return function getBudgetStatus(row) {
    const amount = Number(budgetAmount[row]);
    if (Number.isNaN(amount)) return isUnreadable(columns, row, 'budget') ? 'unknown' : 'none';
    // No percentage of nothing exists, and still every cent is over it.
    if (amount <= 0 && Number(totalCost[row]) > 0) return 'over';
    const percent = Number(percentUsed[row]);
    if (Number.isNaN(percent) || (amount <= 0 && isUnreadable(columns, row, 'totalCost'))) return 'unknown';
    if (percent >= overPercent) return 'over';
    return percent >= warningPercent ? 'warning' : 'ok';
  };
}
