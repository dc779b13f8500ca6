import * as z from 'zod';
import { storedEvent } from '../budget-events/event-log.ts';
import { failureCodes } from '../errors.ts';
import { problemTexts } from '../http/problem-texts.ts';
import { flatRowMembers, flatRowSchema } from './flat-row-schema.ts';
import { healthSchema, livenessSchema } from './health-schema.ts';
import { usageHistorySchema } from './history-schema.ts';
import { usageRecordSchema } from './record-schema.ts';
import { heldSnapshotSchema, snapshotSchema, totalCount } from './snapshot-schema.ts';
import { usageSummarySchema } from './summary-schema.ts';

const parameterProblem = z.object({
  parameter: z.string().describe('The parameter at fault.'),
  code: z.string().describe('What is wrong with it.'),
  detail: z.string().describe('The same in words.'),
  allowed: z.array(z.string()).describe('The values or names to choose from.').optional(),
});

const settingProblem = z.object({
  setting: z.string().describe('The setting at fault.'),
  expected: z.string().describe('What it expects.'),
});

/** The body of every failure (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().describe('An identifier of the kind of problem.'),
    title: z.string().describe('The kind of problem in words.'),
    status: z.int().describe('The HTTP status.'),
    instance: z.string().describe("The request's id."),
    code: z.enum(Object.keys(problemTexts)).describe('The kind of problem as a code to branch on.'),
    detail: z.string().describe('What is wrong with this request, or what to do.'),
    errors: z.array(parameterProblem).describe('Every problem in the request.').optional(),
    settings: z.array(settingProblem).describe('Every bad setting of the service.').optional(),
    reason: z
      .enum([...failureCodes, 'missing', 'corrupt'])
      .describe('Why there is no newer data, or what is wrong with a kept list: missing or corrupt.')
      .optional(),
    nearest: z
      .object({
        before: z.string().describe('The last one before.').optional(),
        after: z.string().describe('The first one after.').optional(),
      })
      .describe('The kept days or months nearest to the one asked for.')
      .optional(),
    snapshot: heldSnapshotSchema.optional(),
  })
  .describe('Why the request failed.');

const { id, sequence, kind, threshold, isHighest } = storedEvent.shape;

/** One event of `GET /api/budget-events`. */
export const budgetEventSchema = z
  .object({
    id: id.meta({ title: 'Event ID', description: 'The same id always means the same event.' }),
    sequence: sequence.describe('Grows from one event to the next.'),
    kind: kind.describe('What happened.'),
    threshold: threshold.describe('The share of the budget passed, in percent; null for other kinds.'),
    isHighest: isHighest.describe('Whether no higher threshold was passed at the same time.'),
    ...flatRowMembers,
    date: z.iso.date().nullable().describe('UTC day of the jump, for kind spendJump; null for other kinds.'),
    dailyCost: z
      .number()
      .nullable()
      .describe('What the day has cost so far, for kind spendJump; null for other kinds.'),
    dailyCostText: z.string().describe('The same with every digit; empty for other kinds.'),
    usualDailyCost: z
      .number()
      .nullable()
      .describe('What a usual day costs, for kind spendJump: the median of up to 14 known days; null for other kinds.'),
    usualDailyCostText: z.string().describe('The same with every digit; empty for other kinds.'),
    dailyCostFactor: z
      .number()
      .nullable()
      .describe(
        'How many times a usual day the day has cost, to one decimal; null for other kinds, and where a usual day costs nothing.',
      ),
    previousPercentUsed: z
      .number()
      .nullable()
      .describe(
        'Share of the budget used when the row was last seen in its month, or for kind spendJump on the day before; null for a new row or one without a budget.',
      ),
    crossedAt: z.iso.datetime().describe('When the list that first showed this was fetched.'),
    usageRecordsUrl: z.url().describe("The URL of the customer's records at this service."),
    partnerCenterUrl: z.url().describe("The URL of the customer's page in Partner Center."),
  })
  .describe('Something that a row did for the first time in its month, or a jump in its spending.');

/** The body of a poll that found new events. */
const budgetEventsSchema = z.array(budgetEventSchema).min(1).describe('New events, oldest first.');

/** The answer of the list and of one customer with `view=full`. */
const usageListSchema = listSchema(usageRecordSchema);

/** The same with `view=flat`. */
export const flatListSchema = listSchema(flatRowSchema);

function listSchema(record: z.ZodType) {
  return z
    .object({
      value: z.array(record).describe('The records of this page.'),
      totalCount,
      snapshot: snapshotSchema,
      nextLink: z.url().describe('The URL of the next page; absent on the last.').optional(),
    })
    .describe('The records that match, and the snapshot they are from.');
}

/** The answer of `POST /api/refresh`; the snapshot is there once the refresh is over. */
const refreshOutcomeSchema = z
  .object({
    outcome: z
      .enum(['published', 'unchanged', 'running'])
      .describe('Whether the list is new, is unchanged, or the refresh is still running.'),
    snapshot: snapshotSchema.optional(),
  })
  .describe('The outcome of the refresh.');

const descriptionSchema = z.looseObject({}).describe('A description of this service for tools.');

/** Every schema that descriptions know by a name. */
export const namedSchemas = {
  UsageRecord: usageRecordSchema,
  FlatRow: flatRowSchema,
  Snapshot: snapshotSchema,
  UsageList: usageListSchema,
  FlatList: flatListSchema,
  UsageSummary: usageSummarySchema,
  UsageHistory: usageHistorySchema,
  BudgetEvent: budgetEventSchema,
  BudgetEvents: budgetEventsSchema,
  RefreshOutcome: refreshOutcomeSchema,
  Liveness: livenessSchema,
  Health: healthSchema,
  Problem: problemSchema,
  Description: descriptionSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type SchemaName = keyof typeof namedSchemas;
