import { z } from 'zod';
import { eventKinds } from '../budget-events/event.ts';
import { member } from './member.ts';
import { flatRowMembers } from './usage-schemas.ts';

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
    ...flatRowMembers,
    previousPercentUsed: member(
      z.number().nullable(),
      'Previous Percent Used',
      'The same when the row was last seen in its month; null when it had not been seen, or had no budget.',
    ),
    crossedAt: member(z.iso.datetime(), 'Crossed At', 'When the list was fetched in which this was seen first.'),
    usageRecordsUrl: member(z.url(), 'Usage Records URL', "Where this service answers the customer's records."),
    partnerCenterUrl: member(z.url(), 'Partner Center URL', "The customer's page in the portal of Partner Center."),
  })
  .meta({ title: 'Budget Event', description: 'Something a row did for the first time in its month.' });

/** The body of a poll that brought something. */
export const budgetEventsSchema = z
  .array(budgetEventSchema)
  .min(1)
  .meta({ title: 'Budget Events', description: 'What is new, oldest first.' });
