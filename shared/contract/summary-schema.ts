import { z } from 'zod';
import { member } from './member.ts';
import { shared, snapshotSchema } from './usage-schemas.ts';

function count(title: string, description: string) {
  return member(z.int().min(0), title, description);
}

const counts = {
  customers: count('Customers', 'How many customers.'),
  rows: count('Rows', 'How many rows; a customer may have two.'),
};

function amount(title: string, what: string) {
  return {
    number: member(z.number().nullable(), title, `${what}; null when nothing can be added.`),
    text: member(z.string(), `${title} Text`, 'The same with every digit; empty when nothing can be added.'),
  };
}

const cost = amount('Total Cost', 'Exact sum of the estimated costs');
const budget = amount('Budget Amount', 'Exact sum of the budgets');
const usd = amount('USD Total Cost', 'Exact sum of the costs in USD');

const totals = {
  ...counts,
  totalCost: cost.number,
  totalCostText: cost.text,
  budgetAmount: budget.number,
  budgetAmountText: budget.text,
  withBudget: count('With Budget', 'Rows with a budget.'),
  withoutBudget: count('Without Budget', 'Rows without a budget.'),
  overWarning: count('Over Warning', 'Rows at or above the warning limit, those over budget among them.'),
  overBudget: count('Over Budget', 'Rows over budget.'),
  spendingWithoutBudget: count('Spending Without Budget', 'Rows that cost something and have no budget.'),
  unknownTotalCost: count(
    'Unknown Total Cost',
    'Rows that the total cost lacks, as Partner Center gave no readable one.',
  ),
  unknownBudget: count('Unknown Budget', 'Rows that the budgets lack, as Partner Center gave no readable one.'),
};

const currencyTotals = z
  .object({ currencyCode: shared.currencyCode, ...totals })
  .meta({ title: 'Currency Totals', description: 'Counts and totals of the rows in one currency.' });

const locale = member(z.string(), 'Currency Locale', 'The culture name of the rows; empty when they have none.');
const localeTotals = z
  .object({ currencyLocale: locale, ...totals })
  .meta({ title: 'Locale Totals', description: 'Counts and totals of the rows of one culture that have no code.' });

const kindCounts = (title: string) => z.object(counts).meta({ title, description: 'Customers and rows of this kind.' });

const usdTotals = z
  .object({
    usdTotalCost: usd.number,
    usdTotalCostText: usd.text,
    rows: counts.rows,
    rowsWithout: count('Rows Without', 'Rows that have no cost in USD, or none that can be read.'),
  })
  .meta({ title: 'USD', description: "Partner Center's own conversion to USD, over the rows that have one." });

const byKind = z
  .object({ azurePlan: kindCounts('Azure Plan'), legacy: kindCounts('Legacy') })
  .meta({ title: 'By Kind', description: 'The rows by what they are of.' });

/** The answer of `GET /api/usagesummary`. */
export const usageSummarySchema = z
  .object({
    value: member(z.array(currencyTotals), 'Value', 'One entry a currency, by code.'),
    withoutCurrencyCode: member(
      z.array(localeTotals),
      'Without Currency Code',
      'Rows that have no currency code, one entry a culture.',
    ),
    usd: usdTotals,
    byKind,
    customers: counts.customers,
    totalCount: shared.totalCount,
    snapshot: snapshotSchema,
  })
  .meta({ title: 'Usage Summary', description: 'Exact totals, never over two currencies.' });
