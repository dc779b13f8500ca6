import { z } from 'zod';
import type { Reply } from '../stage/stage.ts';

const usageRow = z.looseObject({
  resourceId: z.string(),
  resourceName: z.string(),
  isUpgraded: z.boolean(),
  percentUsed: z.number(),
  totalCost: z.number(),
  usdTotalCost: z.number(),
  currencyCode: z.string().optional(),
  budget: z.looseObject({ amount: z.number().optional() }),
  lastModifiedDate: z.string(),
});

const usageList = z.strictObject({
  value: z.array(usageRow),
  totalCount: z.number(),
  snapshot: z.looseObject({ state: z.string(), fetchedAt: z.string() }),
  nextLink: z.string().optional(),
});

export type UsageRow = z.infer<typeof usageRow>;

/** The body of a 200, checked to be the list's envelope with Partner Center's records in it. */
export function parseUsageList(reply: Reply) {
  if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.body}`);
  return usageList.parse(reply.json);
}
