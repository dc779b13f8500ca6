import type { z } from 'zod';
import { budgetEventSchema, budgetEventsSchema } from './event-schema.ts';
import {
  descriptionSchema,
  healthSchema,
  livenessSchema,
  problemSchema,
  refreshOutcomeSchema,
} from './service-schemas.ts';
import { usageSummarySchema } from './summary-schema.ts';
import { flatListSchema, flatRowSchema, snapshotSchema, usageListSchema, usageRecordSchema } from './usage-schemas.ts';

/** Every schema that descriptions know by a name. */
export const namedSchemas: Readonly<Record<string, z.ZodType>> = {
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
};

/** The name of a schema. Throws for one that has none. */
export function getSchemaName(schema: z.ZodType): string {
  const found = Object.entries(namedSchemas).find(([, each]) => each === schema);
  if (found === undefined) throw new Error('a body has a schema without a name');
  return found[0];
}
