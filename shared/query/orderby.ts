import * as z from 'zod';

/** What rows can be ordered by. */
export const orderFields = [
  'percentUsed',
  'totalCost',
  'usdTotalCost',
  'customerName',
  'budgetAmount',
  'lastModifiedDate',
  'pacePercent',
  'projectedMonthEndCost',
] as const;

export type OrderField = (typeof orderFields)[number];

/** One step of an order. */
export type OrderStep = { readonly field: OrderField; readonly direction: 'asc' | 'desc' };

const maximumSteps = 3;
const expected = `expected 1 to ${maximumSteps} different fields, each optionally followed by asc or desc`;

const orderStep = z.object({ field: z.enum(orderFields), direction: z.enum(['asc', 'desc']) });

/** `orderby`: comma-separated fields, each ascending unless followed by `desc`. */
export function orderBy() {
  return z.codec(z.string(), z.array(orderStep), {
    decode: (text, context) => {
      const parts = text.split(',');
      const steps = parts.flatMap(stepsOf);
      const fields = new Set(steps.map(({ field }) => field));
      if (parts.length <= maximumSteps && fields.size === parts.length) return steps;
      context.issues.push({ code: 'custom', message: expected, input: text });
      return z.NEVER;
    },
    encode: (steps) => steps.map(({ field, direction }) => (direction === 'desc' ? `${field} desc` : field)).join(','),
  });
}

/** The step that `part` writes; none when it writes no step. */
function stepsOf(part: string): OrderStep[] {
  const [, name, direction = 'asc'] = /^(\w+)(?: +(asc|desc))?$/.exec(part.trim()) ?? [];
  const field = orderFields.find((known) => known === name);
  return field === undefined ? [] : [{ field, direction: direction === 'desc' ? 'desc' : 'asc' }];
}
