import { numberAt } from './columns.ts';
import type { UsageColumns } from './columns.ts';

/** Shares of a budget, in percent, from which a row is `warning` and `over`. */
export type BudgetLimits = { readonly warningPercent: number; readonly overPercent: number };

/** How a row's spending stands to its budget; `none`: there is no budget. */
export type BudgetStatus = 'none' | 'ok' | 'warning' | 'over';

type BudgetColumns = Pick<UsageColumns, 'budgetAmount' | 'percentUsed' | 'totalCost'>;

/** The status of one row: at or above a limit counts. */
export function budgetStatusOf(
  { budgetAmount, percentUsed, totalCost }: BudgetColumns,
  row: number,
  { warningPercent, overPercent }: BudgetLimits,
): BudgetStatus {
  const amount = numberAt(budgetAmount, row);
  if (Number.isNaN(amount)) return 'none';
  // No percentage of nothing exists, and still every cent is over it.
  if (amount <= 0 && numberAt(totalCost, row) > 0) return 'over';
  const percent = numberAt(percentUsed, row);
  if (percent >= overPercent) return 'over';
  return percent >= warningPercent ? 'warning' : 'ok';
}
