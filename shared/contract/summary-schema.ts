import * as z from 'zod';
import { snapshotSchema, totalCount } from './snapshot-schema.ts';

const rowCount = z.int().min(0);
const counts = {
  customers: rowCount.describe('How many customers.'),
  rows: rowCount.describe('How many rows; a customer may have two.'),
};

/** A sum as a number, and as text with every digit. */
const sum = z.number().nullable();
const digits = z.string();
const sameWithDigits = 'The same with every digit; empty when nothing can be added.';

const budgetCounts = {
  withBudget: rowCount.describe('Rows with a budget.'),
  withoutBudget: rowCount.describe('Rows without a budget.'),
  overWarning: rowCount.describe('Rows at or above the warning limit, including those over budget.'),
  overBudget: rowCount.describe('Rows over budget.'),
  spendingWithoutBudget: rowCount.describe('Rows that have costs and no budget.'),
  unknownTotalCost: rowCount.describe('Rows missing from the total cost because theirs cannot be read.'),
  unknownBudget: rowCount.describe('Rows missing from the budgets because theirs cannot be read.'),
};

export type Counts = { readonly [Name in keyof typeof counts]: number };
export type BudgetCounts = { readonly [Name in keyof typeof budgetCounts]: number };

const totals = {
  ...counts,
  totalCost: sum.describe('Exact sum of the estimated costs; null when nothing can be added.'),
  totalCostText: digits.describe(sameWithDigits),
  budgetAmount: sum.describe('Exact sum of the budgets; null when nothing can be added.'),
  budgetAmountText: digits.describe(sameWithDigits),
  ...budgetCounts,
};

const currencyTotals = z
  .object({ currencyCode: z.string().describe('ISO 4217 code of the amounts.'), ...totals })
  .meta({ title: 'Currency Totals', description: 'Counts and totals of the rows in one currency.' });

const localeTotals = z
  .object({
    currencyLocale: z.string().describe('The culture name of the rows; empty when they have none.'),
    ...totals,
  })
  .meta({
    title: 'Locale Totals',
    description: 'Counts and totals of the rows of one culture without a currency code.',
  });

const usdTotals = z.object({
  usdTotalCost: sum.describe('Exact sum of the costs in USD; null when nothing can be added.'),
  usdTotalCostText: digits.describe(sameWithDigits),
  rows: counts.rows,
  rowsWithout: rowCount.describe('Rows without a readable cost in USD.'),
});

const customersAndRows = z.object(counts).describe('Customers and rows of this kind.');

/** The answer of `GET /api/usagesummary`. */
export const usageSummarySchema = z
  .object({
    value: z.array(currencyTotals).describe('One entry per currency, by code.'),
    withoutCurrencyCode: z.array(localeTotals).describe('Rows without a currency code, one entry per culture.'),
    usd: usdTotals.describe("Partner Center's own conversion to USD, over the rows that have one."),
    byKind: z
      .object({ azurePlan: customersAndRows, legacy: customersAndRows })
      .describe('Azure plans and legacy subscriptions.'),
    customers: counts.customers,
    totalCount,
    snapshot: snapshotSchema,
  })
  .describe('Exact totals, never across currencies.');
