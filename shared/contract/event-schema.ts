import * as z from 'zod';
import { storedEvent } from '../budget-events/event-log.ts';
import { flatRowMembers } from './flat-row-schema.ts';

const { id, sequence, kind, threshold, isHighest } = storedEvent.shape;

/** One event of `GET /api/budget-events`. */
export const budgetEventSchema = z
  .object({
    id: id.meta({ title: 'Event ID', description: 'The same id always means the same event.' }),
    sequence: sequence.describe('Grows from one event to the next.'),
    kind: kind.describe('What happened.'),
    threshold: threshold.describe('The share of the budget passed, in percent; null for other kinds.'),
    isHighest: isHighest.describe('Whether no higher threshold was passed at the same time.'),
    ...flatRowMembers,
    previousPercentUsed: z
      .number()
      .nullable()
      .describe(
        'Share of the budget used when the row was last seen in its month; null for a new row or one without a budget.',
      ),
    crossedAt: z.iso.datetime().describe('When the list that first showed this was fetched.'),
    usageRecordsUrl: z.url().describe("The URL of the customer's records at this service."),
    partnerCenterUrl: z.url().describe("The URL of the customer's page in Partner Center."),
  })
  .describe('Something that a row did for the first time in its month.');

/** The body of a poll that found new events. */
export const budgetEventsSchema = z.array(budgetEventSchema).min(1).describe('New events, oldest first.');
