import * as z from 'zod';
import { budgetEventSchema, budgetEventsSchema } from './event-schema.ts';
import { flatRowSchema } from './flat-row-schema.ts';
import { healthSchema, livenessSchema } from './health-schema.ts';
import { flatListSchema, usageListSchema } from './list-schema.ts';
import { problemSchema } from './problem-schema.ts';
import { usageRecordSchema } from './record-schema.ts';
import { snapshotSchema } from './snapshot-schema.ts';
import { usageSummarySchema } from './summary-schema.ts';

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
  BudgetEvent: budgetEventSchema,
  BudgetEvents: budgetEventsSchema,
  RefreshOutcome: refreshOutcomeSchema,
  Liveness: livenessSchema,
  Health: healthSchema,
  Problem: problemSchema,
  Description: descriptionSchema,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type SchemaName = keyof typeof namedSchemas;
