import { z } from 'zod';

const thresholds = [50, 80, 90, 100, 120];

const rowsSchema = z.array(
  z.looseObject({
    resourceId: z.string(),
    isUpgraded: z.boolean(),
    percentUsed: z.number().or(z.literal(Number.POSITIVE_INFINITY)),
    totalCost: z.number().or(z.literal(Number.POSITIVE_INFINITY)),
    budget: z.looseObject({ amount: z.number().nullish() }).nullable(),
    lastModifiedDate: z.string(),
  }),
);

type Row = z.infer<typeof rowsSchema>[number];

/** `2026-11|customer|80` */
export type EventKey = string;

export const formatEventKey = (month: string, customer: string, threshold: number | null): EventKey =>
  `${month}|${customer.toLowerCase()}|${threshold}`;

/**
 * The threshold events of some customers with an Azure plan, by arithmetic on the lists alone: a threshold that was above the last
 * known percentage of the month, and is not above the new one. `required` must be delivered once each. `possible` may be delivered: after the
 * last list could not be read, a record is unknown until the next one.
 */
export function createExpectedEvents(customers: readonly string[]) {
  const watched = new Set(customers.map((id) => id.toLowerCase()));
  const required = new Set<EventKey>();
  const possible = new Set<EventKey>();
  const percents = new Map<string, number | 'unknown'>();
  let lastMonth: string | undefined;
  let lastItems: string | undefined;

  function compare({ resourceId, percentUsed, budget }: Row, hasCost: boolean, month: string): void {
    const id = resourceId.toLowerCase();
    const percent = typeof budget?.amount === 'number' ? percentUsed : 0;
    const before = percents.get(id) ?? 0;
    const isUnknown = before === 'unknown';
    const from = isUnknown ? Number.NEGATIVE_INFINITY : before;
    for (const threshold of thresholds.filter((one) => from < one && one <= percent)) {
      (isUnknown ? possible : required).add(formatEventKey(month, id, threshold));
    }
    // A list without any cost says nothing about a drop.
    if (hasCost || percent >= from) percents.set(id, percent);
  }

  return {
    required: () => required,
    possible: () => possible,
    /** `isLastUnreadable`: the process that published could not read the list before. */
    published(items: string, isLastUnreadable: boolean): void {
      if (items === lastItems) return;
      const isFirst = lastItems === undefined;
      lastItems = items;
      const rows = rowsSchema.parse(JSON.parse(`[${items}]`));
      const plans = rows.filter(({ isUpgraded }) => isUpgraded);
      const month =
        plans
          .map((row) => row.lastModifiedDate.slice(0, 7))
          .toSorted()
          .at(-1) ??
        lastMonth ??
        '';
      if (lastMonth !== undefined && month > lastMonth) percents.clear();
      else if (isLastUnreadable) for (const id of watched) percents.set(id, 'unknown');
      lastMonth = month;
      const hasCost = rows.some(({ totalCost }) => totalCost !== 0);
      const seen = new Set<string>();
      for (const row of plans) {
        const id = row.resourceId.toLowerCase();
        if (!watched.has(id) || seen.has(id) || row.lastModifiedDate.slice(0, 7) < month) continue;
        seen.add(id);
        if (isFirst) percents.set(id, row.percentUsed);
        else compare(row, hasCost, month);
      }
    },
  };
}

export type ExpectedEvents = ReturnType<typeof createExpectedEvents>;
