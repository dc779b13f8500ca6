import type { Clock } from '../shared/clock.ts';
import { acceptedTypeOf, jsonType } from '../shared/http/accept.ts';
import type { ContentAnswer } from '../shared/http/content-answer.ts';
import type { Route } from '../shared/http/handler.ts';
import { nextLinkOf, siblingLinkOf } from '../shared/http/next-link.ts';
import { ageHeaders } from '../shared/http/snapshot-headers.ts';
import type { LoadEventLog } from '../shared/refresh/event-log-loader.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import { joinEvents, lastSequenceOf } from '../shared/usage/event-log.ts';
import { canonicalEventQuery, eventParametersOf, eventsSince, parseEventQuery } from '../shared/usage/event-query.ts';

export type BudgetEventsDeps = {
  readonly snapshots: Pick<SnapshotReader, 'readHeld'>;
  readonly loadEventLog: LoadEventLog;
  /** In percent, ascending: those a caller may ask for. */
  readonly thresholds: readonly number[];
  readonly clock: Clock;
  readonly freshMs: number;
  readonly publicBaseUrl: string | undefined;
  readonly contentAnswer: ContentAnswer;
};

/** After a success nobody refreshes for five minutes, and the timer ticks as often: asking sooner brings nothing. */
const pollSeconds = 300;

/**
 * `GET /api/budget-events`: a polling trigger (docs/calling.md). 202 with `Location` when there is nothing new, 200 with the
 * events, oldest first, when there is; the state is in `Location`, so that whoever asks again where it asked before loses nothing.
 */
export function createBudgetEventsRoute(deps: BudgetEventsDeps): Route {
  const { snapshots, loadEventLog, thresholds, clock, freshMs, publicBaseUrl, contentAnswer } = deps;
  const parameters = eventParametersOf(thresholds);

  return async function budgetEvents(apiRequest) {
    const { url, headers, call } = apiRequest;
    const query = parseEventQuery(url.searchParams, parameters);
    acceptedTypeOf(headers, [jsonType]);
    const served = await snapshots.readHeld(call);
    const log = await loadEventLog(served.info.eventsBlob, call);
    // Without a state nothing is news: the poller begins behind the newest event, or behind this list where there is no log.
    const since = query.since ?? (lastSequenceOf(log) || served.info.fetchedAt);
    const { events, seen, isCut } = eventsSince(log, since, query);
    const next = canonicalEventQuery({ ...query, since: events.length === 0 ? since : seen }, parameters);
    const common = {
      location: nextLinkOf(url, publicBaseUrl, next),
      'retry-after': String(isCut ? 1 : pollSeconds),
      'cache-control': 'no-store',
      ...ageHeaders(served, clock(), freshMs),
    };
    if (events.length === 0) return { status: 202, headers: common };
    const body = joinEvents(log, events, siblingLinkOf(url, publicBaseUrl, 'customers/usagerecords'));
    return contentAnswer({
      apiRequest,
      contentType: `${jsonType}; charset=utf-8`,
      headers: common,
      content: () => ({ byteLength: body.length, bytes: () => body }),
    });
  };
}
