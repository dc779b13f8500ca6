import { z } from 'zod';
import { eventKinds } from '../usage/budget-event.ts';
import { member } from './member.ts';
import { shared } from './usage-schemas.ts';

/** One event of `GET /api/budget-events`. */
export const budgetEventSchema = z
  .object({
    id: member(z.string(), 'Event ID', 'The same for the same happening, and for no other.'),
    sequence: member(z.int().min(0), 'Sequence', 'Grows from one event to the next.'),
    kind: member(z.enum(eventKinds), 'Kind', 'What happened.'),
    threshold: member(
      z.int().nullable(),
      'Threshold',
      'The share of the budget passed, in percent; null for other kinds.',
    ),
    isHighest: member(z.boolean(), 'Is Highest', 'Whether no higher threshold was passed at the same time.'),
    period: shared.period,
    customerId: shared.customerId,
    customerName: shared.customerName,
    isUpgraded: shared.isUpgraded,
    budgetAmount: member(z.number().nullable(), 'Budget Amount', "The month's budget; null when none is set."),
    percentUsed: member(z.number(), 'Percent Used', 'Share of the budget used, in percent; 0 without a budget.'),
    previousPercentUsed: member(
      z.number().nullable(),
      'Previous Percent Used',
      'The same in the list before; null when the row was not in it.',
    ),
    totalCost: shared.totalCost,
    totalCostText: shared.totalCostText,
    currencyCode: shared.currencyCode,
    projectedMonthEndCost: shared.projectedMonthEndCost,
    crossedAt: member(z.iso.datetime(), 'Crossed At', 'When the list was fetched in which this was seen first.'),
    lastModifiedDate: shared.lastModifiedDate,
  })
  .meta({ title: 'Budget Event', description: 'Something a row did for the first time in its month.' });

/** The body of a poll that brought something. */
export const budgetEventsSchema = z
  .array(budgetEventSchema)
  .min(1)
  .meta({ title: 'Budget Events', description: 'What is new, oldest first.' });
