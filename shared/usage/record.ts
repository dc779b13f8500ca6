import { z } from 'zod';

/** A JSON number as a double; `1e400` is Infinity, which `z.number()` would refuse although its digits are kept elsewhere. */
const double = z.custom<number>((value) => typeof value === 'number', 'expected a number');
const dateTime = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'expected a date-time');

/**
 * One item of Partner Center's CustomerMonthlyUsageRecord collection, as far as this service reads it; other members pass.
 * Numbers are doubles for comparing and sorting only: the exact digits stay in the record's own bytes.
 * Source: Partner Center REST, "Get usage records for all customers".
 */
export const customerMonthlyUsageRecord = z.looseObject({
  /** The customer's tenant id. Shape is not checked: the documentation itself holds ids that are no GUIDs. */
  resourceId: z.string().min(1).optional(),
  /** Deprecated alias of `resourceId`. */
  id: z.string().min(1).optional(),
  resourceName: z.string().nullish(),
  /** Deprecated alias of `resourceName`. */
  name: z.string().nullish(),
  /** `amount` in the customer's currency; missing or null when no budget is set. */
  budget: z.looseObject({ amount: double.nullish() }).nullish(),
  /** `totalCost` of `budget.amount`, rounded to two decimals, uncapped; 0 without a budget. */
  percentUsed: double,
  /** true: the customer has an Azure plan; false: a legacy subscription only. */
  isUpgraded: z.boolean(),
  /** Estimated cost of the month to date, in the customer's currency. */
  totalCost: double,
  /** Means something on Azure plan rows only; legacy rows carry 0. */
  usdTotalCost: double.nullish(),
  /** ISO 4217; Azure plan rows only. */
  currencyCode: z.string().nullish(),
  /** A .NET culture name such as `fr-FR`; legacy rows only. Not a currency. */
  currencyLocale: z.string().nullish(),
  /** When this row's estimate was computed. */
  lastModifiedDate: dateTime,
});

export type CustomerMonthlyUsageRecord = z.infer<typeof customerMonthlyUsageRecord>;
