import * as z from 'zod';
import { budgetStatuses } from '../views/budget-status.ts';
import { flatFieldKinds, flatFields } from '../views/flat-fields.ts';
import type { FlatField } from '../views/flat-fields.ts';
import { forecastConfidences } from '../views/forecast.ts';
import { month } from './snapshot-schema.ts';

const kindSchemas = {
  text: z.string(),
  word: z.string(),
  date: z.string().nullable(),
  digits: z.number().nullable(),
  flag: z.boolean().nullable(),
} as const satisfies Record<(typeof flatFieldKinds)[FlatField], z.ZodType>;

/** Fields that hold less than their kind allows. */
const narrowerSchemas: { readonly [Field in FlatField]?: z.ZodType } = {
  customerId: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  period: month.nullable(),
  totalCostText: z.string().regex(/^(-?\d+(\.\d+)?([eE][+-]?\d+)?)?$/),
  forecastConfidence: z.enum(forecastConfidences),
  budgetStatus: z.enum(budgetStatuses),
};

const descriptions: Readonly<Record<FlatField, string>> = {
  customerId: "The customer's tenant id, in lower case.",
  customerName: "The customer's name; empty when there is none.",
  period: 'The UTC month, for example 2026-11; null when the date cannot be read.',
  hasBudget: 'Whether a budget is set; null when it cannot be read.',
  budgetAmount: "The month's budget; null when none is set.",
  percentUsed: 'Share of the budget used, in percent; null without a budget.',
  totalCost: "Estimated cost of the month to date, in the row's currency; null when it cannot be read.",
  totalCostText: 'The total cost with every digit that Partner Center wrote.',
  currencyCode: 'ISO 4217 code of the amounts; empty when Partner Center gives none.',
  usdTotalCost: 'The cost in USD; null for legacy subscriptions.',
  isUpgraded: 'True for an Azure plan, false for a legacy subscription; null when it cannot be read.',
  lastModifiedDate: 'When Partner Center computed the estimate; null when the date cannot be read.',
  pacePercent: 'Share of the budget used per share of the month passed, in percent; null when it is not known.',
  projectedMonthEndCost:
    'Cost at the end of the month if spending continues at this pace; null without a forecast, for example for legacy subscriptions.',
  forecastConfidence: 'How reliable the pace and the projection are.',
  budgetStatus: 'How the cost compares with the budget; unknown when a figure cannot be read.',
};

/** Every member of a flat row. */
export const flatRowMembers = Object.fromEntries(
  flatFields.map((field) => [
    field,
    (narrowerSchemas[field] ?? kindSchemas[flatFieldKinds[field]]).describe(descriptions[field]),
  ]),
);

/** A row of `view=flat`. `select` may leave out any member, so none is required. */
export const flatRowSchema = z
  .object(flatRowMembers)
  .partial()
  .describe("A customer's estimated usage with a fixed set of members, pace and projection.");
