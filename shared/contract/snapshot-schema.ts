import * as z from 'zod';
import { failureCodes } from '../errors.ts';
import { freshnessStates } from '../snapshot/freshness.ts';

/** The month as answers write it. */
export const month = z.string().regex(/^\d{4}-\d\d$/);

/** What answers and `GET /api/health/ready` say of the snapshot. */
export const snapshotMembers = {
  period: month.describe('The UTC month, for example 2026-11.'),
  fetchedAt: z.iso.datetime().describe('When the list was fetched from Partner Center.'),
  state: z.enum(freshnessStates).describe('How old the data is; expired data is not served.'),
  recordCount: z.int().min(0).describe('How many records the whole list has.'),
} as const;

const { period, fetchedAt, state, recordCount } = snapshotMembers;

/** The `snapshot` member of answers. */
export const snapshotSchema = z
  .object({
    asOf: z.iso.date().describe('The day asked for with `asOf`; absent without it.').optional(),
    period,
    version: z
      .int()
      .min(1)
      .describe('Counts the closing lists of the month asked for with `period`; more than 1 after a late correction.')
      .optional(),
    fetchedAt: fetchedAt.describe(
      'When the list was fetched from Partner Center; for a copy that release 0.1.0 kept, the start of its day.',
    ),
    state: z
      .enum(['fresh', 'stale', 'degraded', 'historical'])
      .describe(
        'How old the data is: fresh, stale or degraded; historical for a kept list of an earlier day or month.',
      ),
    reason: z.enum(failureCodes).describe('Why the last refresh failed; absent when it succeeded.').optional(),
    recordCount,
    estimate: z.literal(true).describe('Always true: the figures are estimates, not an invoice.'),
  })
  .describe('The stored list that the answer was made from.');

/** The `snapshot` member of errors. */
export const heldSnapshotSchema = snapshotSchema
  .omit({ asOf: true, version: true })
  .extend({ state })
  .describe('The last good list, even if it is expired.');

/** How many records an answer is about. */
export const totalCount = z.int().min(0).describe('How many records match, before paging.');
