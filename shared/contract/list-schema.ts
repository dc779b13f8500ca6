import * as z from 'zod';
import { flatRowSchema } from './flat-row-schema.ts';
import { usageRecordSchema } from './record-schema.ts';
import { snapshotSchema } from './snapshot-schema.ts';

/** How many records an answer is about. */
export const totalCount = z.int().min(0).describe('How many records match, before paging.');

/** The answer of the list and of one customer with `view=full`. */
export const usageListSchema = listSchema(usageRecordSchema);

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
