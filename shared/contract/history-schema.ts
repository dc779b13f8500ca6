import * as z from 'zod';
import type { PointField } from '../history/points.ts';
import { month, snapshotSchema } from './snapshot-schema.ts';

const decimalText = z.string().regex(/^(-?\d+(\.\d+)?([eE][+-]?\d+)?)?$/);

const pointMembers = {
  customerId: z.string().describe("The customer's tenant id, in lower case."),
  customerName: z.string().describe("The customer's name in the current list; empty when the list does not have it."),
  isUpgraded: z
    .boolean()
    .nullable()
    .describe('True for an Azure plan, false for a legacy subscription; null when it cannot be read.'),
  date: z.iso.date().describe('The UTC day.'),
  period: month.nullable().describe("The UTC month that the row's figures of this day are about; null when missing."),
  totalCost: z
    .number()
    .nullable()
    .describe("Estimated cost of the month up to this day, in the row's currency; null when missing."),
  totalCostText: decimalText.describe('The total cost with every digit that Partner Center wrote.'),
  dailyCost: z
    .number()
    .nullable()
    .describe(
      'Exact difference to the total cost of the day before; negative after a correction. Null when either day is missing, when the currency changes, or a figure cannot be read, and on the first day of a period.',
    ),
  dailyCostText: decimalText.describe('The same with every digit; empty when it is null.'),
  percentUsed: z
    .number()
    .nullable()
    .describe('Share of the budget used, in percent; null without a budget or when missing.'),
  budgetAmount: z.number().nullable().describe("The month's budget as of this day; null when none is set or missing."),
  currencyCode: z.string().describe('ISO 4217 code of the amounts; empty when Partner Center gives none.'),
  missing: z.boolean().describe('Whether there are no figures: no list of this day is kept, or it lacks the row.'),
} satisfies Readonly<Record<PointField, z.ZodType>>;

/** The answer of `GET /api/usagehistory`. */
export const usageHistorySchema = z
  .object({
    value: z
      .array(z.object(pointMembers).describe('A row on one day.'))
      .describe('One point for each row and day, row by row and day by day.'),
    from: z.iso.date().describe('The first day.'),
    to: z.iso.date().describe('The last day.'),
    totalCount: z.int().min(0).describe('How many points there are.'),
    snapshot: snapshotSchema,
  })
  .describe('Figures day by day.');
