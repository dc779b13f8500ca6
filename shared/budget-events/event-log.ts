import * as z from 'zod';
import { dayMs } from '../days.ts';
import { UnreadableBlobError } from '../errors.ts';
import { parseJson } from '../parse-json.ts';
import { buildEventId, eventKinds, formatEventLine, buildEventSubject } from './event.ts';
import type { BudgetEvent } from './event.ts';

/** How long an event is kept; the lifecycle rule of `events/` says the same. */
const keptMs = 62 * dayMs;
/** About 45 000 events: a log of any size must fit beside the snapshots of an instance with 512 MB. */
const defaultMaxBytes = 32 * 1024 * 1024;
/** The longest billing period of a legacy row. */
const longestPeriodMs = 31 * dayMs;
const lineFeed = 0x0a;

/** The members of a stored event that this service reads. */
export const storedEvent = z.object({
  id: z.string(),
  sequence: z.int().nonnegative(),
  kind: z.enum(eventKinds),
  threshold: z.int().nullable(),
  isHighest: z.boolean(),
  customerId: z.string(),
  crossedAt: z.iso.datetime().transform((text) => Date.parse(text)),
});

/** The members of one event in the log that this service reads, and the position of its line. */
export type LoggedEvent = z.output<typeof storedEvent> & { readonly start: number; readonly end: number };

/** All events of the last 62 days, oldest first, each with a sequence number greater than the one before. Immutable. */
export type EventLog = {
  /** NDJSON. */
  readonly lines: Buffer;
  readonly events: readonly LoggedEvent[];
};

/** The log before the first event, and after it was lost. */
export const emptyEventLog: EventLog = { lines: Buffer.alloc(0), events: [] };

/** The log of stored lines. Throws UnreadableBlobError with the line number when a line is damaged or cut off. */
export function parseEventLog(lines: Buffer): EventLog {
  const events: LoggedEvent[] = [];
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(lineFeed, start);
    events.push({ ...parseStoredEvent(lines, start, end, events.length), start, end });
    start = end + 1;
  }
  return { lines, events };
}

/** The sequence number of the newest event; 0 when there is none. */
export function getLastSequence({ events }: Pick<EventLog, 'events'>): number {
  return events.at(-1)?.sequence ?? 0;
}

export type ExtendOptions = {
  /** When the list with the events was fetched, and the last good list before it. */
  readonly fetchedAt: number;
  readonly lastFetchedAt: number;
  readonly maxBytes?: number;
};

export type Extension = {
  /** Of the new log. */
  readonly lines: Buffer;
  /** The events that the log did not have. */
  readonly added: readonly BudgetEvent[];
  /** The size of the oldest events, dropped because they did not fit. */
  readonly droppedBytes: number;
};

/**
 * The log with those events of `found` that it lacks, and without events that are too old; `undefined` when the log has them all.
 * New sequence numbers are greater than the log's last one and lie between the two instants in milliseconds. A new log after a loss
 * therefore continues above the lost one, and the callers' positions stay valid.
 */
export function extendEventLog(
  log: EventLog,
  found: readonly BudgetEvent[],
  { fetchedAt, lastFetchedAt, maxBytes = defaultMaxBytes }: ExtendOptions,
): Extension | undefined {
  const isLogged = createLogSearch(log);
  const ids = new Set<string>();
  const added = found.filter((event) => {
    const id = buildEventId(event);
    // Partner Center may list a row twice by mistake.
    return !isLogged(event) && !ids.has(id) && ids.add(id);
  });
  if (added.length === 0) return undefined;
  const first = Math.max(getLastSequence(log), lastFetchedAt, fetchedAt - added.length) + 1;
  const oldest = log.events.find(({ crossedAt }) => crossedAt >= fetchedAt - keptMs);
  const lines = Buffer.concat([
    oldest === undefined ? Buffer.alloc(0) : log.lines.subarray(oldest.start),
    Buffer.from(added.map((event, at) => `${formatEventLine(event, first + at)}\n`).join('')),
  ]);
  const fitting = takeLastLines(lines, maxBytes);
  return { lines: fitting, added, droppedBytes: lines.length - fitting.length };
}

/** Tells whether the log has the event, or for a legacy row one since its figures started again: they may do so twice a day. */
function createLogSearch({ events }: EventLog): (event: BudgetEvent) => boolean {
  const ids = new Set(events.map(({ id }) => id));
  const recordedAt = new Map(events.map(({ id, crossedAt }) => [id.slice(id.indexOf('_') + 1), crossedAt]));
  return (event) => {
    if (ids.has(buildEventId(event))) return true;
    if (event.row.isUpgraded === 'true') return false;
    const periodStart = Math.max(event.restartedAt ?? 0, event.crossedAt - longestPeriodMs);
    return (recordedAt.get(buildEventSubject(event)) ?? -1) >= periodStart;
  };
}

/**
 * The events as a JSON array, each with links to its customer: the usage records below `recordsUrl`, and the page in the portal of
 * Partner Center.
 */
export function joinEvents({ lines }: EventLog, events: readonly LoggedEvent[], recordsUrl: string): Buffer {
  const parts = events.flatMap(({ start, end, customerId }) => {
    const id = encodeURIComponent(customerId);
    const links = { usageRecordsUrl: `${recordsUrl}/${id}`, partnerCenterUrl: `${portalUrl}/${id}/account` };
    // The links take the place of the closing brace.
    return [comma, lines.subarray(start, end - 1), Buffer.from(JSON.stringify(links).replace('{', ','))];
  });
  return Buffer.concat([Buffer.from('['), ...parts.slice(1), Buffer.from(']')]);
}

const portalUrl = 'https://partner.microsoft.com/dashboard/v2/customers';
const comma = Buffer.from(',');

/** The last whole lines that fit. */
function takeLastLines(lines: Buffer, maxBytes: number): Buffer {
  if (lines.length <= maxBytes) return lines;
  return lines.subarray(lines.indexOf(lineFeed, lines.length - maxBytes - 1) + 1);
}

function parseStoredEvent(lines: Buffer, start: number, end: number, line: number): z.output<typeof storedEvent> {
  const event = end < 0 ? undefined : parseJson(lines.toString('utf8', start, end), storedEvent);
  if (event !== undefined) return event;
  throw new UnreadableBlobError('a stored event log is damaged', { reason: 'corrupt', details: { line } });
}
