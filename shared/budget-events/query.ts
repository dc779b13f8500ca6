import * as z from 'zod';
import { RefusedError } from '../errors.ts';
import type { ParameterProblem } from '../errors.ts';
import { eventKinds } from './event.ts';
import { getLastSequence } from './event-log.ts';
import type { EventLog, LoggedEvent } from './event-log.ts';
import { formatParameters, readParameters } from '../query/read-parameters.ts';
import { apiVersions, parameterNotes, usageParameters } from '../query/parameters.ts';
import { words } from '../query/values.ts';
import { computeFnv1a } from '../fnv1a.ts';

/** The most events in one answer; the rest comes with the next poll. */
const maximumEvents = 1000;

const { 'api-version': apiVersion, customerId } = usageParameters.shape;

/** The parameters of `GET /api/budget-events` with these thresholds configured, declared as `usageParameters` are. */
export function createEventParameters(thresholds: readonly number[]) {
  const texts = thresholds.map(String);
  return z.strictObject({
    'api-version': apiVersion,
    threshold: z
      .codec(z.enum(texts, `expected one of the configured thresholds: ${texts.join(', ')}`), z.int(), {
        decode: Number,
        encode: String,
      })
      .optional()
      .register(parameterNotes, {
        description:
          'Only crossings of this share of the budget, in percent, and events of the other kinds that `kind` names. Without it, the highest threshold passed at one time.',
        allowed: texts,
      }),
    kind: words({
      word: new RegExp(`^(${eventKinds.join('|')})$`),
      maximum: eventKinds.length,
      what: eventKinds.join(', '),
    })
      .optional()
      .register(parameterNotes, { description: 'Only events of these kinds.', allowed: eventKinds }),
    customerId,
    since: createPositionCodec().optional().register(parameterNotes, {
      description: 'Where the last answer ended. Take it from its `Location` header.',
      code: 'InvalidCursor',
    }),
  });
}

export type EventParameters = ReturnType<typeof createEventParameters>;

/** The events that a poller asks for. */
export type EventQuery = z.output<EventParameters>;

/** The query in `params`. Throws RefusedError `InvalidRequest` with all problems. */
export function parseEventQuery(params: URLSearchParams, parameters: EventParameters): EventQuery {
  const { values: query, problems } = readParameters(parameters, params, parameters.keyof().options);
  const all = [...problems, ...findThresholdProblems(query)];
  if (all.length > 0) throw new RefusedError({ kind: 'InvalidRequest', problems: all });
  return query;
}

/** The query as text, without the default version. */
export function formatEventQuery(query: EventQuery, parameters: EventParameters): string {
  return formatParameters(parameters, query, { 'api-version': apiVersions[0] });
}

/** Some events, oldest first, and the position of the poller after them. */
export type EventPage = { readonly events: readonly LoggedEvent[]; readonly seen: number; readonly isCut: boolean };

/**
 * The events after `since` that match. `threshold` selects threshold events and, without `kind`, excludes the other kinds. Without
 * `threshold`, only the highest threshold passed at a time matches.
 */
export function listEventsSince(log: EventLog, since: number, query: EventQuery): EventPage {
  const { threshold, customerId: ids } = query;
  const kinds: readonly string[] = query.kind ?? (threshold === undefined ? eventKinds : ['budgetThreshold']);
  // Search from the end, where new events are.
  const seenCount = log.events.findLastIndex(({ sequence }) => sequence <= since) + 1;
  const matches = log.events
    .slice(seenCount)
    .filter(
      (event) =>
        kinds.includes(event.kind) &&
        (threshold === undefined || event.threshold === null ? event.isHighest : event.threshold === threshold) &&
        (ids?.includes(event.customerId) ?? true),
    );
  const events = matches.slice(0, maximumEvents);
  const isCut = events.length < matches.length;
  return { events, isCut, seen: Math.max(since, getLastSequence(isCut ? { events } : log)) };
}

function findThresholdProblems({ threshold, kind = ['budgetThreshold'] }: EventQuery): ParameterProblem[] {
  if (threshold === undefined || kind.includes('budgetThreshold')) return [];
  return [{ parameter: 'threshold', code: 'InvalidParameter', detail: 'belongs to kind budgetThreshold only' }];
}

const fieldBytes = { sequence: 6, checksum: 3 } as const;
const expected = 'expected an unchanged value from a Location header';

/** `since`: the last sequence number that a poller has seen, as 12 characters of base64url. */
function createPositionCodec() {
  return z.codec(z.string().regex(/^[\w-]{12}$/, expected), z.int().nonnegative(), {
    decode: (text, context) => {
      const bytes = Buffer.from(text, 'base64url');
      const sequence = bytes.readUIntBE(0, fieldBytes.sequence);
      if (bytes.readUIntBE(fieldBytes.sequence, fieldBytes.checksum) === computeShortChecksum(sequence))
        return sequence;
      context.issues.push({ code: 'custom', message: expected, input: text });
      return z.NEVER;
    },
    encode: (sequence) => {
      const bytes = Buffer.alloc(fieldBytes.sequence + fieldBytes.checksum);
      bytes.writeUIntBE(sequence, 0, fieldBytes.sequence);
      bytes.writeUIntBE(computeShortChecksum(sequence), fieldBytes.sequence, fieldBytes.checksum);
      return bytes.toString('base64url');
    },
  });
}

function computeShortChecksum(sequence: number): number {
  return computeFnv1a(`budget-events:${sequence}`) >>> 8;
}
