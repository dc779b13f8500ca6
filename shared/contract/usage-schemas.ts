import { z } from 'zod';
import { failureCodes } from '../errors.ts';
import { member } from './member.ts';

const month = z.string().regex(/^\d{4}-\d\d$/);
const digits = z.string().regex(/^(-?\d+(\.\d+)?([eE][+-]?\d+)?)?$/);
const states = ['fresh', 'stale', 'degraded'] as const;
export const heldStates = [...states, 'expired'] as const;

export const shared = {
  period: member(month, 'Period', 'The UTC month, as 2026-11.'),
  fetchedAt: member(z.iso.datetime(), 'Fetched At', 'When the list was fetched from Partner Center.'),
  recordCount: member(z.int().min(0), 'Record Count', 'How many records the whole list has.'),
  totalCount: member(z.int().min(0), 'Total Count', 'How many records match, before paging.'),
  customerId: member(
    z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    'Customer ID',
    "The customer's tenant id, in lower case.",
  ),
  customerName: member(z.string(), 'Customer Name', "The customer's name; empty when there is none."),
  isUpgraded: member(
    z.boolean(),
    'Is Upgraded',
    'Whether the row is of an Azure plan; otherwise of a legacy subscription.',
  ),
  currencyCode: member(
    z.string(),
    'Currency Code',
    'ISO 4217 code of the amounts; empty when Partner Center gives none.',
  ),
  totalCost: member(z.number(), 'Total Cost', "Estimated cost of the month to date, in the row's currency."),
  totalCostText: member(digits, 'Total Cost Text', 'The same with every digit that Partner Center wrote.'),
  lastModifiedDate: member(z.string(), 'Last Modified Date', "When the row's estimate was computed."),
  projectedMonthEndCost: member(
    z.number().nullable(),
    'Projected Month End Cost',
    'What the month ends at if it goes on like this; null where there is no forecast, as for legacy subscriptions.',
  ),
} as const;

/** The `snapshot` member of answers. */
export const snapshotSchema = z
  .object({
    period: shared.period,
    fetchedAt: shared.fetchedAt,
    state: member(z.enum(states), 'State', 'How old the data is: fresh, stale or degraded.'),
    reason: member(z.enum(failureCodes), 'Reason', 'Why the last refresh failed; absent when it did not.').optional(),
    recordCount: shared.recordCount,
    estimate: member(z.literal(true), 'Estimate', 'Always true: these are estimates and no invoice.'),
  })
  .meta({ title: 'Snapshot', description: 'The list that the answer was made from.' });

/** The `snapshot` member of errors. */
export const heldSnapshotSchema = snapshotSchema
  .extend({ state: member(z.enum(heldStates), 'State', 'How old the data is; expired data is not served.') })
  .meta({ title: 'Held Snapshot', description: 'The last good list, whether it can be served or not.' });

const budget = z
  .looseObject({
    amount: member(z.number().nullish(), 'Amount', "The month's budget; absent or null when none is set."),
  })
  .nullish();

/** A record as Partner Center writes it; members that it adds pass. */
export const usageRecordSchema = z
  .looseObject({
    resourceId: member(z.string().nullish(), 'Resource ID', "The customer's tenant id."),
    id: member(z.string().nullish(), 'ID', 'The same; deprecated by Partner Center.'),
    resourceName: member(z.string().nullish(), 'Resource Name', "The customer's name."),
    name: member(z.string().nullish(), 'Name', 'The same; deprecated by Partner Center.'),
    budget: member(budget, 'Budget', 'The budget of the customer.'),
    percentUsed: member(z.number(), 'Percent Used', 'Share of the budget used, in percent; 0 without a budget.'),
    isUpgraded: shared.isUpgraded,
    totalCost: shared.totalCost,
    usdTotalCost: member(z.number().nullish(), 'USD Total Cost', 'The cost in USD; legacy records carry 0.'),
    currencyCode: member(z.string().nullish(), 'Currency Code', 'ISO 4217 code; Azure plan records only.'),
    currencyLocale: member(z.string().nullish(), 'Currency Locale', 'A culture name; legacy records only.'),
    lastModifiedDate: shared.lastModifiedDate,
  })
  .meta({
    title: 'Usage Record',
    description:
      "A customer's estimated usage of the month, as Partner Center has it. An odd record keeps what it came with, of whatever type.",
  });

/** Every member of a flat row. */
export const flatRowMembers = {
  customerId: shared.customerId,
  customerName: shared.customerName,
  period: member(month.nullable(), 'Period', 'The UTC month, as 2026-11; null when the date cannot be read.'),
  hasBudget: member(z.boolean().nullable(), 'Has Budget', 'Whether a budget is set; null when it cannot be read.'),
  budgetAmount: member(z.number().nullable(), 'Budget Amount', "The month's budget; null when none is set."),
  percentUsed: member(
    z.number().nullable(),
    'Percent Used',
    'Share of the budget used, in percent; null without a budget.',
  ),
  totalCost: member(
    z.number().nullable(),
    'Total Cost',
    "Estimated cost of the month to date, in the row's currency; null when it cannot be read.",
  ),
  totalCostText: shared.totalCostText,
  currencyCode: shared.currencyCode,
  usdTotalCost: member(z.number().nullable(), 'USD Total Cost', 'The cost in USD; null for legacy subscriptions.'),
  isUpgraded: member(
    z.boolean().nullable(),
    'Is Upgraded',
    'Whether the row is of an Azure plan; otherwise of a legacy subscription; null when it cannot be read.',
  ),
  lastModifiedDate: member(
    z.string().nullable(),
    'Last Modified Date',
    "When the row's estimate was computed; null when it cannot be read.",
  ),
  pacePercent: member(
    z.number().nullable(),
    'Pace Percent',
    'Share of the budget used per share of the month passed, in percent; null where it cannot be told.',
  ),
  projectedMonthEndCost: shared.projectedMonthEndCost,
  forecastConfidence: member(
    z.enum(['none', 'low', 'medium', 'high']),
    'Forecast Confidence',
    'How far the pace and the projection can be trusted.',
  ),
  budgetStatus: member(
    z.enum(['none', 'unknown', 'ok', 'warning', 'over']),
    'Budget Status',
    'Where the cost stands against the budget; unknown when a figure cannot be read.',
  ),
} as const;

/** A row of `view=flat`. Every key is there unless `select` leaves it out, so none is required. */
export const flatRowSchema = z
  .object(flatRowMembers)
  .partial()
  .meta({ title: 'Flat Row', description: "A customer's estimated usage with constant keys, pace and projection." });

function listOf(record: z.ZodType, title: string) {
  return z
    .object({
      value: member(z.array(record), 'Value', 'The records of this page.'),
      totalCount: shared.totalCount,
      snapshot: snapshotSchema,
      nextLink: member(z.url(), 'Next Link', 'Where the next page is; absent on the last.').optional(),
    })
    .meta({ title, description: 'The records that match, with the list they are from.' });
}

/** The answer of the list and of one customer with `view=full`. */
export const usageListSchema = listOf(usageRecordSchema, 'Usage List');

/** The same with `view=flat`. */
export const flatListSchema = listOf(flatRowSchema, 'Flat List');
