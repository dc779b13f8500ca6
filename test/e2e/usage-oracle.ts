import { z } from 'zod';
import type { Reply } from './stage.ts';

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
export function usageListOf(reply: Reply) {
  if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.body}`);
  return usageList.parse(reply.json);
}

type Key = number | string | null;

/** What each field of `orderby` compares; `null` where the row has no such figure. */
const keys: Readonly<Record<string, (row: UsageRow) => Key>> = {
  percentUsed: ({ budget, percentUsed }) => (budget.amount === undefined ? null : percentUsed),
  totalCost: ({ totalCost }) => totalCost,
  usdTotalCost: ({ isUpgraded, usdTotalCost }) => (isUpgraded ? usdTotalCost : null),
  customerName: ({ resourceName }) => resourceName.normalize('NFKC').toUpperCase().toLowerCase(),
  budgetAmount: ({ budget }) => budget.amount ?? null,
  lastModifiedDate: ({ lastModifiedDate }) => Date.parse(lastModifiedDate),
};

/** The rows as `orderby` has to put them: `null` lowest, ties by customer id and then the legacy row first. */
export function orderedBy(rows: readonly UsageRow[], orderby: string): UsageRow[] {
  const steps = orderby.split(',').map((step) => step.trim().split(' '));
  return rows.toSorted((one, other) => {
    for (const [field = '', direction] of steps) {
      const keyOf = keys[field] ?? (() => null);
      const difference = compareKeys(keyOf(one), keyOf(other));
      if (difference !== 0) return direction === 'desc' ? -difference : difference;
    }
    return compareIds(one, other) || +one.isUpgraded - +other.isUpgraded;
  });
}

function compareKeys(one: Key, other: Key): number {
  if (one === null || other === null) return Number(other === null) - Number(one === null);
  if (typeof one === 'number' || typeof other === 'number') return Number(one) - Number(other);
  return one.localeCompare(other, 'en', { numeric: true });
}

function compareIds(one: UsageRow, other: UsageRow): number {
  return Buffer.compare(Buffer.from(one.resourceId.toLowerCase()), Buffer.from(other.resourceId.toLowerCase()));
}
